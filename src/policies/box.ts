/** The policies that come in the box, in the order in which an index asks them. */
import { linkFilterOf, type LinkFilter } from '#plugins/link-filter'
import { cooldown } from './cooldown.ts'

export const policiesInTheBox: readonly LinkFilter[] = [...linkFilterOf(cooldown)]
