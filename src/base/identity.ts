/** Who is asking. */
export interface Identity {
  /** The user's name; undefined for an anonymous request. */
  readonly user: string | undefined
  readonly groups: readonly string[]
}

export const anonymous: Identity = { user: undefined, groups: [] }
