/** `wheelyard admin export-devpi`: what a data folder has, as devpi-import reads it. */
import { printSize } from '#base/duration'
import { exportDevpi as writeExport } from '#migration/export-devpi'
import { defineCommand, hasFlag } from '../command.ts'
import { printJson } from '../output.ts'
import { startProgress, type ShowProgress } from '../progress.ts'
import { hardLinksOption, readFolderOrder } from './moving.ts'
import { dataFolderOptions, jsonOption } from './settings.ts'
import { withStore } from './store.ts'
import { printNotes, printProblems, tellingProblems } from './unusable.ts'

const group = 'Options'

export const exportDevpi = defineCommand({
  name: 'admin export-devpi',
  summary: 'Write users, indexes and files in the form of devpi-export, which devpi-import reads.',
  about:
    'All of it is of one moment. Again into the same folder, it writes what is new and removes what is gone. May run ' +
    'beside the server. It has hashes of passwords: keep it as safe as the data folder.',
  args: [{ name: 'FOLDER', doc: 'a new folder, or an earlier export by this command' }],
  options: [
    hardLinksOption,
    {
      name: 'include-mirrored-files',
      doc: 'With the files of mirrors that are here; otherwise only the options of mirrors go in.',
      group,
    },
    ...dataFolderOptions(),
    jsonOption,
  ],
  examples: [
    'wheelyard admin export-devpi /srv/export --dir /srv/wheelyard',
    'devpi-import --serverdir /srv/devpi --no-root-pypi /srv/export',
  ],

  prepare: readFolderOrder,

  async run({ config, folder }, given) {
    const { stdout, stderr } = given.world
    let show: ShowProgress | undefined
    const outcome = await tellingProblems(stderr, () =>
      withStore(config, (store) =>
        writeExport(store, {
          folder,
          hardLinks: hasFlag(given, 'hard-links'),
          includeMirrored: hasFlag(given, 'include-mirrored-files'),
          onBegin: (files) => (show = startProgress(given, files)),
          onFile: (name) => show?.(name),
        }),
      ),
    )
    show?.(undefined)
    const { serial, users, indexes, placed, here, removed, bytes, notes, problems, failed } =
      outcome
    if (hasFlag(given, 'json')) printJson(given.world, outcome)
    else {
      printNotes(stderr, notes)
      stdout.write(
        `serial: ${serial}\nusers: ${users}\nindexes: ${indexes}\n` +
          `files: ${placed} written (${printSize(bytes)}), ${here} already there, ${removed} removed\n`,
      )
    }
    printProblems(stderr, problems, failed)
    if (failed > 0) stderr.write(`Error: the export lacks ${failed} files that are lost here.\n`)
    return failed > 0 ? 1 : 0
  },
})
