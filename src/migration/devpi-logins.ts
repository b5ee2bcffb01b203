/**
 * Logins that a devpi-server with the same secret gave (devpi-replication, section 2.4): who was logged in there stays so
 * here, for the ten hours that they are good.
 */
import type { Clock } from '#base/clock'
import type { ForeignLogin, ForeignLogins } from '#registry/identify'
import { deriveKey, devpiCost, readSigned, type StretchCost } from './devpi/secret-keys.ts'

const LIFETIME_SECONDS = 36_000
/** By how much devpi's clock may be ahead of ours. */
const AHEAD_SECONDS = 60

/** `["alice", ["group"], true].TIME.SIGNATURE` */
const FORM = /^(\["[^\0]*\])\.([\w-]{4,8})\.[\w-]{27}$/

export class DevpiLogins implements ForeignLogins {
  readonly #secret: Uint8Array
  readonly #cost: StretchCost
  readonly #clock: Clock
  /** Made for the first login that comes: it takes half a gigabyte for some seconds. */
  #key: Promise<Uint8Array> | undefined

  constructor(secret: Uint8Array, clock: Clock, cost: StretchCost = devpiCost) {
    this.#secret = secret
    this.#clock = clock
    this.#cost = cost
  }

  /** Makes the key ahead: the first who comes with a login would wait for it. */
  prepare(): void {
    this.#getKey().catch(() => {}) // whoever needs it tries again, and is told
  }

  /** Cheap, and no judgement. */
  looksLikeOne(text: string): boolean {
    return FORM.test(text)
  }

  async read(token: string): Promise<ForeignLogin | undefined> {
    if (!this.#isOfNow(FORM.exec(token)?.[2] ?? '')) return undefined
    const signed = readSigned(await this.#getKey(), token)
    return signed && readPayload(signed.payload)
  }

  #getKey(): Promise<Uint8Array> {
    this.#key ??= deriveKey(this.#secret, 'devpi-server-auth', this.#cost).catch((error) => {
      this.#key = undefined // for want of memory, say
      throw error
    })
    return this.#key
  }

  /** Before the key is made: an old one is not worth it. */
  #isOfNow(time: string): boolean {
    const bytes = Buffer.from(time, 'base64url')
    if (bytes.length === 0 || bytes.length > 6) return false
    const age = this.#clock.now() / 1000 - bytes.readUIntBE(0, bytes.length)
    return age >= -AHEAD_SECONDS && age <= LIFETIME_SECONDS
  }
}

function readPayload(text: string): ForeignLogin | undefined {
  const value = JSON.parse(text) as unknown
  const [user, groups, isKnown] = Array.isArray(value) ? (value as unknown[]) : []
  if (typeof user !== 'string' || !Array.isArray(groups)) return undefined
  return {
    user,
    groups: groups.filter((group) => typeof group === 'string'),
    mustExist: isKnown === true,
  }
}
