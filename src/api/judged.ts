/** For how long an answer is good in which policies had a say: they know of time, and of what the ledger does not tell. */
import type { ProjectLinks } from '#registry/links'
import type { Policies } from '#registry/policies'

export interface Judged {
  /** Of the policies. */
  readonly revision: number
  /** Milliseconds; from then on it is another answer. */
  readonly until: number
}

/** Undefined where no policy had a say. */
export function judgedOf(
  policies: Policies,
  { isPoliced, until = Infinity }: ProjectLinks,
): Judged | undefined {
  return isPoliced ? { revision: policies.revision, until } : undefined
}

export function isStillJudgedSo(policies: Policies, judged: Judged | undefined): boolean {
  if (!judged) return true
  return judged.revision === policies.revision && policies.now() < judged.until
}
