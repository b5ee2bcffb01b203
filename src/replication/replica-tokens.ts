/**
 * What a replica shows its primary: that it has the same secret, which itself is never sent. The keys are made from
 * the secret for this alone: a login's token is of no use here, and one of these is no login.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#base/clock'

/** How far apart the two clocks may be, the age of the token included. */
const TOLERANCE_MS = 10 * 60_000

const PREFIX = 'wheelyard-replica-'

export type TokenVerdict =
  | { readonly replica: string }
  /** `apartMs`: by how much its clock is behind ours. */
  | { readonly wrong: 'clock'; readonly apartMs: number }
  | { readonly wrong: 'signature' }

export class ReplicaTokens {
  readonly #secret: Uint8Array
  readonly #clock: Clock

  /** `secret`: of the secret file, the same on all servers of a group. */
  constructor(secret: Uint8Array, clock: Clock) {
    this.#secret = secret
    this.#clock = clock
  }

  /** For one request, or a few. `replica`: the identity of the server that asks. */
  issue(replica: string): string {
    const claims = JSON.stringify({ replica, at: this.#clock.now() })
    const payload = Buffer.from(claims).toString('base64url')
    return `${PREFIX}${payload}.${this.#sign(payload).toString('base64url')}`
  }

  read(token: string): TokenVerdict {
    const [payload = '', signature = '', ...rest] = token.slice(PREFIX.length).split('.')
    const given = Buffer.from(signature, 'base64url')
    const expected = this.#sign(payload)
    const isOurs =
      token.startsWith(PREFIX) &&
      rest.length === 0 &&
      given.length === expected.length &&
      timingSafeEqual(given, expected)
    if (!isOurs) return { wrong: 'signature' }

    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      replica: string
      at: number
    }
    const apartMs = this.#clock.now() - claims.at
    return Math.abs(apartMs) <= TOLERANCE_MS
      ? { replica: claims.replica }
      : { wrong: 'clock', apartMs }
  }

  /** What the frames of the stream that was asked for with this token are signed with. */
  streamKey(token: string): Buffer {
    return this.#derive('stream', token)
  }

  /** What the frames of a bundle are signed with. `id`: its own, which no other has. */
  bundleKey(id: string): Buffer {
    return this.#derive('bundle', id)
  }

  #sign(payload: string): Buffer {
    return this.#derive('token', payload)
  }

  #derive(purpose: string, text: string): Buffer {
    return createHmac('sha256', this.#secret)
      .update(`wheelyard replica ${purpose}\0${text}`)
      .digest()
  }
}
