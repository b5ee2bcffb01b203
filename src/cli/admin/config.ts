/** `wheelyard admin config`: the settings that hold, and why. */
import { defineCommand, hasFlag } from '../command.ts'
import { printJson, printTable } from '../output.ts'
import { devpiOnlyOptions, jsonOption, readSettings, settingOptions } from './settings.ts'

export const config = defineCommand({
  name: 'admin config',
  summary: 'Show the settings that `wheelyard serve` would run with, and where each comes from.',
  options: [...settingOptions(), ...devpiOnlyOptions(), { ...jsonOption, group: 'Output' }],
  examples: ['wheelyard admin config', 'wheelyard admin config --config wheelyard.toml --json'],
  prepare: readSettings,

  async run({ settings, notes }, given) {
    for (const note of notes) given.world.stderr.write(`Note: ${note}\n`)
    if (hasFlag(given, 'json')) {
      const entries = settings.map(({ name, text, from }) => [name, { value: text ?? null, from }])
      printJson(given.world, Object.fromEntries(entries))
    } else {
      const rows = settings.map(({ name, text = '-', from }) => [name, text, from])
      printTable(given.world, [['SETTING', 'VALUE', 'FROM'], ...rows])
    }
    return 0
  },
})
