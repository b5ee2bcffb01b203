/** `wheelyard admin passwd`: gives a user a password, whether the server runs or not. */
import type { Store } from '#app-store'
import { SecretFile } from '#config-secret'
import { UsedWrongly } from '#base/used-wrongly'
import { defineCommand, flagValue, hasFlag, type Given } from '../command.ts'
import { CommandFailed } from '../failure.ts'
import { readNewPassword } from '../secret-input.ts'
import { dataFolderOptions, readSettings } from './settings.ts'
import { endFollowingOption, withStore } from './store.ts'

export const passwd = defineCommand({
  name: 'admin passwd',
  summary: 'Give a user a new password, whether the server is running or not.',
  about:
    'On a terminal it asks for it twice, and who it is for if no user is named; otherwise it reads one ' +
    'line from standard input.',
  args: [{ name: 'USER', doc: 'Whose password; root, if none is named.', isOptional: true }],
  options: [
    ...dataFolderOptions(),
    {
      name: 'password-file',
      placeholder: 'FILE',
      doc: 'Take the password from this file.',
      group: 'Options',
    },
    endFollowingOption,
  ],
  examples: [
    'wheelyard admin passwd --dir /srv/wheelyard',
    'wheelyard admin passwd ada --password-file secret.txt',
  ],

  async prepare(given) {
    const { config } = await readSettings(given)
    const endsFollowing = hasFlag(given, 'end-following')
    return { config, named: given.args[0], file: readPasswordFile(given), endsFollowing }
  },

  async run({ config, named, file, endsFollowing }, { world }) {
    const { getUser, setPassword } = await import('#registry/users')
    const change = async ({ ledger }: Store): Promise<number> => {
      const check = (user: string) => ledger.read((tx) => getUser(tx, user))
      const { user, password } = file
        ? { user: named ?? 'root', password: file.secret }
        : await readNewPassword(world, { user: named, check })
      if (password === '') throw new CommandFailed('The password is empty; nothing was changed.')

      await setPassword(ledger, user, password)
      world.stderr.write(`${user} has a new password.\n`)
      return 0
    }
    return withStore(config, change, { changes: { endsFollowing } })
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
