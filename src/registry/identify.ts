/** Credentials to identity: a login token or the password, whichever fits. */
import { anonymous, type Identity } from '#base/identity'
import type { Clock } from '#base/clock'
import { decide } from '#base/decide'
import type { Log } from '#base/log'
import type { Ledger } from '#ledger/ledger'
import type { Hooks, LoginOpinion, OfferedLogin } from './hooks.ts'
import { isAllowedName } from './names.ts'
import type { PasswordCheck } from './passwords.ts'
import type { TokenClaims, TokenSigner } from './tokens.ts'
import { findUser, lifeOf, type UserEntry } from './users.ts'

/** The administrator's password is always the one that is stored here. */
const ADMIN = 'root'

/** Somebody who gave the right password. */
export interface Login {
  readonly user: string
  readonly groups: readonly string[]
  /** Of the user; undefined where an authenticator vouched for it, be there such a user or not. */
  readonly life: string | undefined
}

export const localLogin = (user: string, entry: UserEntry): Login => ({
  user,
  groups: [],
  life: lifeOf(entry),
})

export interface OfferedCredentials {
  /** Undefined where a token came alone. */
  readonly user: string | undefined
  readonly secret: string
}

/** Somebody whom another server with the same secret has logged in. */
export interface ForeignLogin {
  readonly user: string
  readonly groups: readonly string[]
  /** It is void once there is no such user. */
  readonly mustExist: boolean
}

/** Logins that another server gave. */
export interface ForeignLogins {
  looksLikeOne(text: string): boolean
  /** Undefined for one that is not good, or no more. */
  read(token: string): Promise<ForeignLogin | undefined>
}

export interface LoginParts {
  readonly ledger: Ledger
  readonly passwords: PasswordCheck
  readonly tokens: TokenSigner
  /** Of a server whose place this one takes. */
  readonly foreign?: ForeignLogins | undefined
  readonly hooks: Pick<Hooks, 'authenticate'>
  readonly clock: Clock
  readonly log: Log
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
    const isForeign = this.#parts.foreign?.looksLikeOne(secret) ?? false
    if (isForeign) return this.#identifyForeign(secret, user)
    if (user === undefined) return anonymous
    const login = await this.logIn(user, secret)
    return login ? { user, groups: login.groups } : anonymous
  }

  /** The login that a user's password gives. A token is no password. */
  async logIn(user: string, password: string): Promise<Login | undefined> {
    const entry = await this.#find(user)
    const opinion = await this.#askOthers({ user, password, isKnown: entry !== undefined })
    if (opinion) {
      return opinion.isRight ? { user, groups: opinion.groups, life: undefined } : undefined
    }
    if (entry?.pwhash === undefined) return undefined
    const isRight = await this.#parts.passwords.verify(password, entry.pwhash)
    return isRight ? localLogin(user, entry) : undefined
  }

  issueToken({ user, groups, life }: Login): string {
    const expiresAt = this.#parts.clock.now() + this.#parts.lifetimeMs
    const claims = { user, life, expiresAt, ...(groups.length > 0 && { groups }) }
    return this.#parts.tokens.issue(claims)
  }

  /** A token of our own is never tried as a password as well: an old one would cost a derivation each time. */
  async #identifyToken(claims: TokenClaims, user: string | undefined): Promise<Identity> {
    const isOwn = user === undefined || user === claims.user || user === '__token__'
    if (!isOwn || claims.expiresAt <= this.#parts.clock.now()) return anonymous
    const { user: name, groups = [], life } = claims
    return (await this.#isAlive(name, life)) ? { user: name, groups } : anonymous
  }

  async #identifyForeign(token: string, user: string | undefined): Promise<Identity> {
    const login = await this.#parts.foreign?.read(token)
    if (!login || (user !== undefined && user !== login.user)) return anonymous
    const isAlive = !login.mustExist || (await this.#find(login.user)) !== undefined
    return isAlive ? { user: login.user, groups: login.groups } : anonymous
  }

  /** Whose login an authenticator vouched for is believed as long as there is one. */
  async #isAlive(user: string, life: string | undefined): Promise<boolean> {
    if (life === undefined) return this.#parts.hooks.authenticate.length > 0
    const entry = await this.#find(user)
    return entry !== undefined && lifeOf(entry) === life
  }

  async #askOthers(login: OfferedLogin): Promise<LoginOpinion | undefined> {
    const { hooks, log } = this.#parts
    if (login.user === ADMIN || !isAllowedName(login.user)) return undefined
    return decide(hooks.authenticate, login, { refused: { isRight: false }, log })
  }

  #find(user: string): Promise<UserEntry | undefined> {
    return this.#parts.ledger.read((tx) => findUser(tx, user))
  }
}
