/** Which theme a command is about. */
import { UsedWrongly } from '#base/used-wrongly'
import { theme } from '#config-types'
import type { Given } from '../../command.ts'

export const themeArgument = { name: 'THEME', doc: 'Its folder, or the name of one in the box.' }

export function readTheme({ args: [text = ''], world: { cwd } }: Given) {
  const place = theme.parse(text, cwd)
  if (!place) throw new UsedWrongly([`THEME: must be ${theme.expected}`])
  return place
}
