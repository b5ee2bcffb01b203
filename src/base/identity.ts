/** Who is asking. */
export interface Identity {
  /** The user's name; undefined for an anonymous request. */
  readonly user: string | undefined
  readonly groups: readonly string[]
  /** Where only some may change users and indexes (`--restrict-modify`): whether this is one of them. */
  readonly isModifier?: boolean
}

/** Who stands in the change that somebody makes. */
export const actorName = ({ user }: Identity): string => user ?? ''

export const anonymous: Identity = { user: undefined, groups: [] }
