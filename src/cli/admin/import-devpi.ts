/** `wheelyard admin import-devpi`: what devpi-export wrote goes into a data folder. */
import { prepareDevpiImport } from '#app-moving'
import { systemClock } from '#base/clock'
import { printSize } from '#base/duration'
import { defineCommand, flagValues, hasFlag } from '../command.ts'
import { printJson } from '../output.ts'
import { startProgress } from '../progress.ts'
import { assertWritable } from '../start-failure.ts'
import { hardLinksOption, readFolderOrder, skipBrokenOption } from './moving.ts'
import { devpiOnlyOptions, jsonOption, settingOptions } from './settings.ts'
import { printNotes, printProblems, tellingProblems } from './unusable.ts'

const group = 'Options'

export const importDevpi = defineCommand({
  name: 'admin import-devpi',
  summary: "Take over users, indexes and files from devpi's export, into a new data folder.",
  about:
    'Passwords stay. Run again after it was broken off, it goes on where it was; run again with a later export of the ' +
    'same server, it brings what is new. Until it is whole, the folder is not served.',
  args: [
    { name: 'FOLDER', doc: 'what devpi-export has written, or `wheelyard admin export-devpi`' },
  ],
  options: [
    hardLinksOption,
    {
      name: 'prune',
      doc: 'Remove what the export does not have: it was deleted there since an earlier import.',
      group,
    },
    {
      name: 'skip-import-type',
      placeholder: 'TYPE',
      doc: 'Leave out indexes of this type, which a plugin of devpi brought. May be repeated.',
      group,
    },
    skipBrokenOption,
    ...settingOptions('no-root-pypi').map((option) => ({
      ...option,
      doc: 'Leave out the index root/pypi of the export.',
    })),
    ...settingOptions('root-password-file', 'root-password', 'root-password-hash').map(
      (option) => ({
        ...option,
        isHidden: option.name !== 'root-password-file',
      }),
    ),
    ...settingOptions('dir', 'config', 'configfile'),
    ...devpiOnlyOptions('storage', 'keyfs-cache-size', 'debug', 'logger-cfg'),
    { name: 'no-events', doc: '', isHidden: true },
    { name: 'wait-for-events', doc: '', isHidden: true },
    jsonOption,
  ],
  examples: [
    'devpi-export --serverdir /srv/devpi /srv/export',
    'wheelyard admin import-devpi /srv/export --dir /srv/wheelyard --hard-links',
  ],

  prepare: readFolderOrder,

  async run({ config, folder }, given) {
    const { stdout, stderr } = given.world
    const prepared = await tellingProblems(stderr, () =>
      prepareDevpiImport(config, {
        folder,
        hardLinks: hasFlag(given, 'hard-links'),
        prunes: hasFlag(given, 'prune'),
        skipTypes: flagValues(given, 'skip-import-type'),
        skipBroken: hasFlag(given, 'skip-broken'),
        now: systemClock.now(),
      }),
    )
    await assertWritable(config.dir)
    const show = startProgress(given, prepared.survey.files)
    const outcome = await prepared.run(show)
    show(undefined)
    const { added, here, users, indexes, releases, removed, notes, problems, failed } = outcome
    if (hasFlag(given, 'json')) {
      printJson(given.world, { ...outcome, bytes: prepared.survey.bytes })
    } else {
      printNotes(stderr, notes)
      stdout.write(
        `users: ${users}\nindexes: ${indexes}\nreleases: ${releases}\n` +
          `files: ${added} taken over, ${here} already here (${printSize(prepared.survey.bytes)})\n`,
      )
      const { users: noUsers, indexes: noIndexes, entries } = removed
      if (hasFlag(given, 'prune')) {
        stdout.write(`removed: ${noUsers} users, ${noIndexes} indexes, ${entries} entries\n`)
      }
    }
    printProblems(stderr, problems, failed)
    if (outcome.isWhole) return 0
    stderr.write(
      `Error: ${failed} files were not taken over. All else is here; the folder is not served before it is whole.\n` +
        'Try: mend the export and run this again, or add --skip-broken\n',
    )
    return 1
  },
})
