/** Credentials to identity: a login token or the password, whichever fits. */
import { anonymous, type Identity } from '#base/identity'
import type { Clock } from '#base/clock'
import type { Ledger } from '#ledger/ledger'
import type { PasswordCheck } from './passwords.ts'
import type { TokenClaims, TokenSigner } from './tokens.ts'
import { findUser, lifeOf, type UserEntry } from './users.ts'

export interface OfferedCredentials {
  /** Undefined where a token came alone. */
  readonly user: string | undefined
  readonly secret: string
}

export interface LoginParts {
  readonly ledger: Ledger
  readonly passwords: PasswordCheck
  readonly tokens: TokenSigner
  readonly clock: Clock
  /** How long a login token is good, in milliseconds. */
  readonly lifetimeMs: number
}

/** What users log in and are recognised with. */
export class Logins {
  readonly #parts: LoginParts

  constructor(parts: LoginParts) {
    this.#parts = parts
  }

  get lifetimeMs(): number {
    return this.#parts.lifetimeMs
  }

  /** Who the credentials stand for; wrong or expired ones are nobody, without an error. */
  async identify(credentials: OfferedCredentials | undefined): Promise<Identity> {
    if (!credentials) return anonymous
    const { user, secret } = credentials
    // netrc files and URLs often hold a token in place of the name, with an empty password.
    const isAlone = user !== undefined && secret === ''
    const claims = this.#parts.tokens.read(isAlone ? user : secret)
    if (claims) return this.#identifyToken(claims, isAlone ? undefined : user)
    if (user === undefined) return anonymous
    return (await this.checkPassword(user, secret)) ? identityOf(user) : anonymous
  }

  /** The user, if the password is theirs. A token is no password. */
  async checkPassword(user: string, password: string): Promise<UserEntry | undefined> {
    const entry = await this.#find(user)
    if (entry?.pwhash === undefined) return undefined
    return (await this.#parts.passwords.verify(password, entry.pwhash)) ? entry : undefined
  }

  issueToken(user: string, entry: UserEntry): string {
    const expiresAt = this.#parts.clock.now() + this.#parts.lifetimeMs
    return this.#parts.tokens.issue({ user, life: lifeOf(entry), expiresAt })
  }

  /** A token of our own is never tried as a password as well: an old one would cost a derivation each time. */
  async #identifyToken(claims: TokenClaims, user: string | undefined): Promise<Identity> {
    const isOwn = user === undefined || user === claims.user || user === '__token__'
    if (!isOwn || claims.expiresAt <= this.#parts.clock.now()) return anonymous
    const entry = await this.#find(claims.user)
    return entry && lifeOf(entry) === claims.life ? identityOf(claims.user) : anonymous
  }

  #find(user: string): Promise<UserEntry | undefined> {
    return this.#parts.ledger.read((tx) => findUser(tx, user))
  }
}

const identityOf = (user: string): Identity => ({ user, groups: [] })
