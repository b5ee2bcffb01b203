/** What a push did, as devpi's `actionlog` tells it. */
import type { IndexName } from '#registry/indexes'
import { describeEnd } from '#registry/policies'
import type { HiddenFile, PushOrder } from '#registry/push'
import type { Pushed } from './push-internal.ts'

/** A status, what was done, and to what. */
export type Action = readonly (string | number)[]

export function listActions(
  { name, version }: PushOrder,
  target: IndexName,
  { links, hidden }: Pushed,
): Action[] {
  const actions = links.map(({ rel, path }): Action => {
    if (rel === 'doczip') return [200, 'store_doczip', name, version, '->', target]
    return [200, `store_${rel}`, path]
  })
  return [[200, 'register', name, version, '->', target], ...actions, ...listLeftOut(hidden)]
}

/** What a policy of the source hides is not there to be pushed, which is no failure. */
export const listLeftOut = (hidden: readonly HiddenFile[]): Action[] =>
  hidden.map(({ filename, finding }) => {
    const { index, policy } = finding
    const why = `hidden by the policy ${policy} of ${index}: ${describeEnd(finding)}`
    return [200, 'left_out', filename, why]
  })
