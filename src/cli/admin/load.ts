/** `wheelyard admin load`: a data folder from a dump. */
import { prepareLoad } from '#app-dump'
import { defineCommand, hasFlag } from '../command.ts'
import { printJson } from '../output.ts'
import { startCounter } from '../progress.ts'
import { hardLinksOption, readFolderOrder, skipBrokenOption } from './moving.ts'
import { dataFolderOptions, jsonOption } from './settings.ts'
import { printProblems, tellingProblems } from './unusable.ts'

export const load = defineCommand({
  name: 'admin load',
  summary: 'Make a data folder of a dump, or bring one up to date that was loaded before.',
  about:
    'All of the dump is checked before anything is taken over, and each file by its hash. Run again after it was broken ' +
    'off, it goes on where it was. Until it is whole, the folder is not served.',
  args: [{ name: 'FOLDER', doc: 'what `wheelyard admin dump` has written' }],
  options: [hardLinksOption, skipBrokenOption, ...dataFolderOptions(), jsonOption],
  examples: ['wheelyard admin load /backup/wheelyard --dir /srv/restored'],

  prepare: readFolderOrder,

  async run({ config, folder }, given) {
    const { stdout, stderr } = given.world
    const skipsBroken = hasFlag(given, 'skip-broken')
    const hardLinks = hasFlag(given, 'hard-links')
    const loading = await tellingProblems(stderr, () =>
      prepareLoad(config, { folder, hardLinks, skipsBroken }),
    )
    try {
      const { manifest, here } = loading
      const count = startCounter(given, manifest.serial + 1 - here, 'changes')
      const outcome = await loading.run(count)
      count(undefined)
      const { serial, changes, blobs, problems, failed } = outcome
      if (hasFlag(given, 'json')) printJson(given.world, { ...outcome, here })
      else {
        stdout.write(
          `changes: ${changes} loaded, ${here} already here; the last is serial ${serial}\nfiles: ${blobs} loaded\n`,
        )
      }
      printProblems(stderr, problems, failed)
      if (failed === 0 || skipsBroken) return 0
      stderr.write(
        `Error: ${failed} files are missing or broken. All else is here; the folder is not served before it is whole.\n` +
          'Try: mend the dump and run this again, or add --skip-broken\n',
      )
      return 1
    } finally {
      await loading.close()
    }
  },
})
