/** `wheelyard admin dump`: the whole ledger and its blobs go into a folder. */
import { printSize } from '#base/duration'
import { dump as writeDump } from '#migration/dump'
import { defineCommand, hasFlag } from '../command.ts'
import { printJson } from '../output.ts'
import { startCounter } from '../progress.ts'
import { hardLinksOption, readFolderOrder } from './moving.ts'
import { dataFolderOptions, jsonOption } from './settings.ts'
import { withStore } from './store.ts'
import { printProblems, tellingProblems } from './unusable.ts'

const group = 'Options'

export const dump = defineCommand({
  name: 'admin dump',
  summary: 'Write the whole ledger, with all history, and its files into a folder.',
  about:
    'Again into the same folder, it adds what has come since, and what was broken off goes on. May run beside the server. ' +
    '`wheelyard admin load` makes a data folder of it.',
  args: [{ name: 'FOLDER', doc: 'a new folder, or an earlier dump of the same data' }],
  options: [
    hardLinksOption,
    { name: 'no-blobs', doc: 'Leave the files out: the dump only names them.', group },
    ...dataFolderOptions(),
    jsonOption,
  ],
  examples: ['wheelyard admin dump /backup/wheelyard --dir /srv/wheelyard'],

  prepare: readFolderOrder,

  async run({ config, folder }, given) {
    const { stdout, stderr } = given.world
    let count: ReturnType<typeof startCounter> | undefined
    const outcome = await tellingProblems(stderr, () =>
      withStore(config, (store) =>
        writeDump(store, {
          folder,
          hardLinks: hasFlag(given, 'hard-links'),
          withBlobs: !hasFlag(given, 'no-blobs'),
          onBegin: (changes) => (count = startCounter(given, changes, 'changes')),
          onChanges: (changes) => count?.(changes),
        }),
      ),
    )
    count?.(undefined)
    const { serial, changes, blobs, bytes, missing, missingCount } = outcome
    if (hasFlag(given, 'json')) printJson(given.world, outcome)
    else {
      stdout.write(
        `changes: ${changes} dumped, up to serial ${serial}\nfiles: ${blobs} dumped (${printSize(bytes)})\n`,
      )
    }
    printProblems(stderr, missing, missingCount)
    if (missingCount > 0) stderr.write('Error: the dump lacks what is lost here.\n')
    return missingCount > 0 ? 1 : 0
  },
})
