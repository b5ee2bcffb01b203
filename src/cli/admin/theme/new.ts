/** `wheelyard admin theme new`: a folder to begin a theme with. */
import { join } from 'node:path'
import { resolvePath } from '#config-types'
import { defineCommand, flagValue } from '../../command.ts'

export const themeNew = defineCommand({
  name: 'admin theme new',
  summary: 'Begin a theme: write its files into a new folder.',
  about: 'They say what there is to change, and change one colour. What you do not need can go.',
  args: [{ name: 'FOLDER', doc: 'The folder; must be new or empty.' }],
  options: [
    {
      name: 'extends',
      placeholder: 'THEME',
      doc: 'The theme to begin with: its name, or its folder as seen from the new one.',
      group: 'Options',
    },
  ],
  examples: [
    'wheelyard admin theme new ./acme',
    'wheelyard admin theme new ./acme --extends paper',
    'wheelyard admin theme preview ./acme',
  ],
  prepare: async (given) => ({
    folder: given.args[0] ?? '',
    base: flagValue(given, 'extends'),
  }),

  async run({ folder, base }, { world }) {
    const { makeTheme } = await import('#app-theme')
    const path = resolvePath(folder, world.cwd)
    const written = await makeTheme({ folder: path, extends: base })
    for (const name of written) world.stdout.write(`wrote ${join(folder, name)}\n`)
    world.stderr.write(`Try: wheelyard admin theme preview ${folder}\n`)
    return 0
  },
})
