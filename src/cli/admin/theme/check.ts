/** `wheelyard admin theme check`: what is wrong with a theme. */
import { defineCommand, hasFlag } from '../../command.ts'
import { printJson } from '../../output.ts'
import { jsonOption } from '../settings.ts'
import { readTheme, themeArgument } from './theme-argument.ts'

export const themeCheck = defineCommand({
  name: 'admin theme check',
  summary: 'Tell what is wrong with a theme.',
  about:
    'Reads its files: mistakes in theme.toml, files that are missing or not served, templates that stand in for ' +
    'nothing, what browsers refuse, and colours in which texts cannot be read. Then prints every page of a small ' +
    'server of its own in that theme. The exit code is 1 if something is wrong.',
  args: [themeArgument],
  options: [jsonOption],
  examples: ['wheelyard admin theme check ./acme'],
  prepare: async (given) => ({
    place: readTheme(given),
    isJson: hasFlag(given, 'json'),
  }),

  async run({ place, isJson }, { world }) {
    const { checkTheme } = await import('#app-theme')
    const problems = await checkTheme(place)
    if (isJson) printJson(world, { problems })
    else if (problems.length === 0) world.stdout.write('Nothing is wrong with the theme.\n')
    else for (const problem of problems) world.stdout.write(`${problem}\n`)
    return problems.length === 0 ? 0 : 1
  },
})
