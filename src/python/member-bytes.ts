/** The first bytes of a member of an archive. */
export interface MemberBytes {
  readonly bytes: Buffer
  /** Whether these are all. */
  readonly isWhole: boolean
}
