/** What a push did, as devpi's `actionlog` tells it. */
import type { IndexName } from '#registry/indexes'
import type { PushedLink, PushOrder } from '#registry/push'

/** A status, what was done, and to what. */
export type Action = readonly (string | number)[]

export function listActions(
  { name, version }: PushOrder,
  target: IndexName,
  pushed: readonly PushedLink[],
): Action[] {
  const actions = pushed.map(({ rel, path }): Action => {
    if (rel === 'doczip') return [200, 'store_doczip', name, version, '->', target]
    return [200, `store_${rel}`, path]
  })
  return [[200, 'register', name, version, '->', target], ...actions]
}
