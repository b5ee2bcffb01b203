/** `wheelyard admin theme list`: the themes that have a name. */
import { defineCommand, hasFlag } from '../../command.ts'
import { printJson, printTable } from '../../output.ts'
import { jsonOption } from '../settings.ts'

export const themeList = defineCommand({
  name: 'admin theme list',
  summary: 'List the themes in the box.',
  options: [jsonOption],
  examples: ['wheelyard admin theme list', 'wheelyard serve --theme paper'],
  prepare: async (given) => ({ isJson: hasFlag(given, 'json') }),

  async run({ isJson }, { world }) {
    const { listThemes } = await import('#app-theme')
    const themes = listThemes()
    if (isJson) printJson(world, themes)
    else printTable(world, [...themes.map(({ name, description }) => [name, description])])
    return 0
  },
})
