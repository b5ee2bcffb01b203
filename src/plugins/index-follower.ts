/** A plugin as the registry calls it, where it wants to hear of changes of indexes. */
import type { IndexFollower } from '#registry/hooks'
import type { OptionTable, Plugin } from './plugin.ts'

/** Its `start` is that of its link filter, where it has one. */
export function indexFollowerOf<Options extends OptionTable>(
  plugin: Plugin<Options>,
): IndexFollower[] {
  const { name, hooks, start } = plugin
  const { indexChanged, filterLinks } = hooks
  if (!indexChanged) return []
  return [{ name, hear: indexChanged, ...(start && !filterLinks && { start }) }]
}
