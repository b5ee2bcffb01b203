/** `wheelyard admin gen-secret`: the secret that logins are signed with, as devpi-gen-secret makes it. */
import { makeSigningSecret, readSigningSecret } from '#base/signing-secret'
import { UsedWrongly } from '#base/used-wrongly'
import { defineCommand } from '../command.ts'
import { devpiOnlyOptions, readSettings, settingOptions } from './settings.ts'

export const genSecret = defineCommand({
  name: 'admin gen-secret',
  summary: 'Write a file with a new secret that logins are signed with.',
  about:
    '`wheelyard serve --secret-file` reads it. A file that is there stays, and is only checked.',
  options: [
    ...settingOptions('secret-file', 'config', 'configfile'),
    ...devpiOnlyOptions('debug', 'logger-cfg'),
  ],
  examples: ['wheelyard admin gen-secret --secret-file /etc/wheelyard/secret'],
  async prepare(given) {
    const { config } = await readSettings(given)
    if (config.secretFile !== undefined) return config.secretFile
    throw new UsedWrongly(['--secret-file is missing: where the secret goes'])
  },
  async run(path, { world }) {
    const isNew = await makeSigningSecret(path)
    await readSigningSecret(path)
    world.stderr.write(
      isNew
        ? `A new secret is in ${path}.\n`
        : `${path} is there, and good: nothing was changed.\n`,
    )
    return 0
  },
})
