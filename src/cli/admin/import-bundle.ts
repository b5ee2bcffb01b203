/** `wheelyard admin import-bundle`: takes over what `wheelyard admin bundle` has written. */
import { resolve } from 'node:path'
import { defineCommand, hasFlag } from '../command.ts'
import { printJson } from '../output.ts'
import { dataFolderOptions, jsonOption, readSettings, settingOptions } from './settings.ts'

export const importBundle = defineCommand({
  name: 'admin import-bundle',
  summary: 'Take a bundle over into a replica.',
  about:
    'All of it is checked before anything is taken over. What is here already is passed over; a bundle that begins ' +
    'behind the next change, that was altered, or that is of another history is refused. Broken off, it can be taken ' +
    'again. May run beside the server of the replica.',
  args: [{ name: 'FILE', doc: 'the bundle' }],
  options: [...settingOptions('primary-url', 'secret-file'), ...dataFolderOptions(), jsonOption],
  examples: [
    'wheelyard admin import-bundle wheelyard-1042-1100.bundle --dir /srv/replica --secret-file /etc/wheelyard/secret',
  ],

  async prepare(given) {
    const { config } = await readSettings(given)
    const [file = ''] = given.args
    return { config, file: resolve(given.world.cwd, file) }
  },

  async run({ config, file }, given) {
    const app = await import('#app-bundle')
    const imported = await app.importBundle(config, file)
    const { from, to, changes, blobs, missing, serial } = imported
    const { stdout, stderr } = given.world
    if (hasFlag(given, 'json'))
      printJson(given.world, { from, to, changes, blobs, missing, serial })
    else {
      stdout.write(`changes ${from} to ${to}: ${changes} taken over, ${blobs} files\n`)
      stdout.write(`the replica is at serial ${serial}\n`)
    }
    if (missing > 0) stderr.write(`${missing} files were not there when the bundle was made.\n`)
    return 0
  },
})
