/** What proves that a form or a script's request is of a page which this server made for this session. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Nothing is stored: a token is a keyed hash over the session, and good as long as that is. */
export class CsrfTokens {
  readonly #secret: Uint8Array

  /** `secret`: the same in all processes, and after a restart. */
  constructor(secret: Uint8Array) {
    this.#secret = secret
  }

  tokenOf(session: string): string {
    return this.#sign(session).toString('base64url')
  }

  fits(session: string, token: string): boolean {
    const expected = this.#sign(session)
    const given = Buffer.from(token, 'base64url')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  #sign(session: string): Buffer {
    return createHmac('sha256', this.#secret).update(`csrf\0${session}`).digest()
  }
}
