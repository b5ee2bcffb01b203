/** `wheelyard admin init`: sets up a data folder and ends, as devpi-init does. */
import { defineCommand } from '../command.ts'
import { assertWritable } from '../start-failure.ts'
import { devpiOnlyOptions, readSettings, settingOptions } from './settings.ts'

export const init = defineCommand({
  name: 'admin init',
  summary: 'Set up a new data folder, without serving it.',
  about:
    '`wheelyard serve` does so by itself; this is for scripts that want it done before, and it refuses ' +
    'a folder that is set up already.',
  options: [
    ...settingOptions('dir', 'no-root-pypi', 'pypi-url'),
    ...settingOptions('root-password-file', 'root-password', 'root-password-hash'),
    ...settingOptions('config', 'configfile'),
    ...settingOptions('primary-url', 'secret-file'),
    ...devpiOnlyOptions('role', 'storage', 'keyfs-cache-size'),
    ...devpiOnlyOptions('debug', 'logger-cfg'),
  ],
  examples: [
    'wheelyard admin init --dir /srv/wheelyard --no-root-pypi',
    'wheelyard admin init --dir /srv/wheelyard --root-password-file /run/secrets/root',
  ],
  prepare: readSettings,
  async run({ config, notes }, { world }) {
    for (const note of notes) world.stderr.write(`Note: ${note}\n`)
    await assertWritable(config.dir)
    const { initialise } = await import('#app-init')
    const { missing } = await initialise(config, { env: world.env, cwd: world.cwd })
    if (missing !== undefined) world.stderr.write(`Note: root/pypi has no upstream: ${missing}\n`)
    world.stderr.write(`${config.dir} is set up.\n`)
    return 0
  },
})
