/** Passwords: argon2id PHC strings, and a short memory of what was verified. */
import { argon2, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { mostRecent } from '#base/most-recent'
import { systemClock, type Clock } from '#base/clock'
import { waitFor } from '#base/waits'
import { fitsLegacy, readLegacyHash } from './legacy-password.ts'
import { parsePhc } from './phc.ts'
import { Turns } from './turns.ts'

const derive = promisify(argon2)

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 }
/** Of an empty password, which is guessed at once whatever it costs; the first start makes one. */
const LEAST_COST = { memory: 8, passes: 1, parallelism: 1 }
const TAG_BYTES = 32
const SALT_BYTES = 16

/** Each derivation takes one of Node's four threads, which files need too, and its memory. */
const turns = new Turns({ running: 2, waiting: 256 })

/**
 * The PHC string of a password: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. Like the check of one it refuses with
 * `too-many-requests` when too many others wait.
 */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_BYTES)
  const cost = password === '' ? LEAST_COST : COST
  const parameters = { message: password, nonce, tagLength: TAG_BYTES, ...cost }
  const tag = await turns.run(() => derive('argon2id', parameters))
  const { memory, passes, parallelism } = cost
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

/** Whether a text is a PHC string of argon2 that `verifyPassword` understands. */
export const isPasswordHash = (text: string): boolean => parsePhc(text) !== undefined

/** Whether the password fits the hash, with the cost that a PHC string names (imports bring foreign ones). */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const legacy = readLegacyHash(phc)
  if (legacy) return fitsLegacy(password, legacy)
  const parsed = parsePhc(phc)
  if (!parsed) return false
  const { algorithm, salt, tag, ...cost } = parsed
  const parameters = { message: password, nonce: salt, tagLength: tag.length, ...cost }
  const derived = await turns.run(() => derive(algorithm, parameters))
  return timingSafeEqual(derived, tag)
}

/** How long a verified password is believed without deriving it again. */
const REMEMBERED_MS = 5 * 60_000

/**
 * Verifies passwords, and remembers for some minutes which were right, so that a password sent with each
 * request costs one derivation. It remembers a keyed hash over the password and its PHC string, in memory
 * only: nothing to read out, and a changed password is forgotten at once.
 */
export class PasswordCheck {
  readonly #key = randomBytes(32)
  /** Until when. */
  readonly #verified = mostRecent<string, number>(10_000)
  readonly #running = new Map<string, Promise<boolean>>()
  readonly #clock: Clock

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Refuses with `too-many-requests` when too many others wait. */
  async verify(password: string, phc: string): Promise<boolean> {
    const name = createHmac('sha256', this.#key).update(`${phc}\0${password}`).digest('base64')
    if ((this.#verified.get(name) ?? 0) > this.#clock.now()) return true

    const known = this.#running.get(name)
    if (known) return waitFor('password', known)
    const running = this.#derive(name, password, phc)
    this.#running.set(name, running)
    return waitFor(
      'password',
      running.finally(() => this.#running.delete(name)),
    )
  }

  async #derive(name: string, password: string, phc: string): Promise<boolean> {
    const isRight = await verifyPassword(password, phc)
    if (isRight) this.#verified.set(name, this.#clock.now() + REMEMBERED_MS)
    return isRight
  }
}
