/** The points at which others than this server have a say, each typed and of one kind. */

export interface OfferedLogin {
  readonly user: string
  readonly password: string
  /** Whether there is such a user here. */
  readonly isKnown: boolean
}

/** `:name` in an access list is whoever has the group `name`. */
export type LoginOpinion =
  | { readonly isRight: true; readonly groups: readonly string[] }
  | {
      readonly isRight: false
    }

/** Says whether a password is right; undefined where that is not for it to say. */
export type Authenticator = (login: OfferedLogin) => Promise<LoginOpinion | undefined>

export interface Hooks {
  /**
   * decide: before a password is compared with the one that is stored here, and with each request that sends a
   * password. Nobody is asked about `root`, who gets in also when an authenticator is away.
   */
  readonly authenticate: readonly Authenticator[]
}

export const noHooks: Hooks = { authenticate: [] }
