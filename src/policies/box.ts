/** The policies that come in the box, in the order in which an index asks them: `newest` counts what the others leave. */
import { linkFilterOf, type LinkFilter } from '#plugins/link-filter'
import { allowDeny } from './allow-deny.ts'
import { constraints } from './constraints.ts'
import { cooldown } from './cooldown.ts'
import { fileKinds } from './file-kinds.ts'
import { newest } from './newest.ts'

export const policiesInTheBox: readonly LinkFilter[] = [
  ...linkFilterOf(allowDeny),
  ...linkFilterOf(fileKinds),
  ...linkFilterOf(constraints),
  ...linkFilterOf(cooldown),
  ...linkFilterOf(newest),
]
