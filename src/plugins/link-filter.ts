/** A plugin as the registry calls it, where it has a say in which files an index offers. */
import type { LinkFilter } from '#registry/hooks'

export type { LinkFilter }
import type { OptionTable, OptionValues, Plugin } from './plugin.ts'

export function linkFilterOf<Options extends OptionTable>(plugin: Plugin<Options>): LinkFilter[] {
  const { name, indexOptions, hooks, revision, start, reads } = plugin
  const { filterLinks } = hooks
  if (!filterLinks) return []
  return [
    {
      name,
      options: indexOptions,
      prepare: (options) => filterLinks(options as OptionValues<Options>),
      ...(reads && { reads: (options) => reads(options as OptionValues<Options>) }),
      ...(revision && { revision }),
      ...(start && { start }),
    },
  ]
}
