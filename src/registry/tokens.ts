/** Login tokens: signed, expiring, bound to one life of a user. Nothing is stored. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { sha256 } from '#base/digest'

export interface TokenClaims {
  readonly user: string
  /** Of that user: a token does not pass to a later one of the same name. None: an authenticator vouched for it. */
  readonly life?: string | undefined
  /** What the authenticator said that the user belongs to. */
  readonly groups?: readonly string[]
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Tokens whose signature was found right: twine sends the same one with each file, and it is asked for twice. */
const REMEMBERED = 1000

/** Not `devpi-` or `pypi-`: clients take those for macaroons. */
const PREFIX = 'wheelyard-'

export class TokenSigner {
  readonly #secret: Uint8Array
  /** By the hash of the token. Of no other is anything kept. */
  readonly #signed = new LRUCache<string, TokenClaims>({ max: REMEMBERED })

  /** `secret`: 32 random bytes or more, the same in all processes and after a restart. */
  constructor(secret: Uint8Array) {
    this.#secret = secret
  }

  issue(claims: TokenClaims): string {
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
    return `${PREFIX}${payload}.${this.#sign(payload).toString('base64url')}`
  }

  /** The claims of a token that this server signed, expired or not. */
  read(token: string): TokenClaims | undefined {
    if (!token.startsWith(PREFIX)) return undefined
    const name = sha256(token)
    const known = this.#signed.get(name)
    if (known) return known
    const claims = this.#readSigned(token)
    if (claims) this.#signed.set(name, claims)
    return claims
  }

  #readSigned(token: string): TokenClaims | undefined {
    const [payload, signature, ...rest] = token.slice(PREFIX.length).split('.')
    if (!payload || !signature || rest.length > 0) return undefined

    const expected = this.#sign(payload)
    const given = Buffer.from(signature, 'base64url')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as TokenClaims
  }

  #sign(payload: string): Buffer {
    return createHmac('sha256', this.#secret).update(`login\0${payload}`).digest()
  }
}
