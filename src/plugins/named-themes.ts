/** The ways for the pages to look that a plugin brings. */
import type { NamedTheme } from '#registry/hooks'
import type { OptionTable, Plugin } from './plugin.ts'

export const namedThemesOf = <Options extends OptionTable>({
  themes = [],
}: Plugin<Options>): readonly NamedTheme[] => themes
