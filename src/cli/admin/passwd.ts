/** `wheelyard admin passwd`: gives a user a password, whether the server runs or not. */
import { SecretFile } from '#config-secret'
import { UsedWrongly } from '#base/used-wrongly'
import { defineCommand, flagValue, type Given } from '../command.ts'
import { CommandFailed } from '../failure.ts'
import { readNewPassword } from '../secret-input.ts'
import { readSettings, settingOptions } from './settings.ts'
import { withStore } from './store.ts'

export const passwd = defineCommand({
  name: 'admin passwd',
  summary: 'Give a user a new password, whether the server is running or not.',
  about: 'Asks for it twice on a terminal; otherwise reads one line from standard input.',
  args: [{ name: 'USER', doc: 'Whose password; root, if none is named.', isOptional: true }],
  options: [
    ...settingOptions('dir', 'config'),
    {
      name: 'password-file',
      placeholder: 'FILE',
      doc: 'Take the password from this file.',
      group: 'Options',
    },
  ],
  examples: [
    'wheelyard admin passwd --dir /srv/wheelyard',
    'wheelyard admin passwd ada --password-file secret.txt',
  ],

  async prepare(given) {
    const { config } = await readSettings(given)
    return { config, user: given.args[0] ?? 'root', file: readPasswordFile(given) }
  },

  async run({ config, user, file }, { world }) {
    const password = file?.secret ?? (await readNewPassword(world, user))
    if (password === '') throw new CommandFailed('The password is empty; nothing was changed.')

    const { setPassword } = await import('#registry/users')
    await withStore(config, ({ ledger }) => setPassword(ledger, user, password))
    world.stderr.write(`${user} has a new password.\n`)
    return 0
  },
})

function readPasswordFile(given: Given): SecretFile | undefined {
  if (!given.flags.some(({ name }) => name === 'password-file')) return undefined
  try {
    return new SecretFile(flagValue(given, 'password-file') ?? '')
  } catch (error) {
    throw new UsedWrongly([`--password-file: ${(error as Error).message}`])
  }
}
