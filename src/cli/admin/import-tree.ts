/** `wheelyard admin import-tree`: pypiserver's folder, or a bandersnatch mirror, goes into an index. */
import type { Store } from '#app-store'
import { printSize } from '#base/duration'
import { UsedWrongly } from '#base/used-wrongly'
import { importTree as takeTree } from '#migration/import-tree'
import { defineCommand, hasFlag } from '../command.ts'
import { printJson } from '../output.ts'
import { startProgress, type ShowProgress } from '../progress.ts'
import { hardLinksOption, readFolderOrder } from './moving.ts'
import { dataFolderOptions, jsonOption } from './settings.ts'
import { endFollowingOption, withStore } from './store.ts'
import { printProblems } from './unusable.ts'

export const importTree = defineCommand({
  name: 'admin import-tree',
  summary: "Take pypiserver's folder, a bandersnatch mirror or any tree of packages into an index.",
  about:
    'Of a bandersnatch mirror the pages say which files there are, with hashes, upload times and what is yanked; of any ' +
    'other folder it takes the files whose names are of distributions, in all folders. What cannot be taken is told, all ' +
    'else goes in; run again, it takes what is missing. May run beside the server.',
  args: [
    {
      name: 'FOLDER',
      doc: 'the folder: with web/simple and web/packages it is a bandersnatch mirror',
    },
    { name: 'INDEX', doc: 'the stage that the files go into, such as ada/dev' },
  ],
  options: [hardLinksOption, endFollowingOption, ...dataFolderOptions(), jsonOption],
  examples: [
    'wheelyard admin import-tree /srv/pypiserver/packages ada/dev --dir /srv/wheelyard',
    'wheelyard admin import-tree /srv/bandersnatch ada/mirrored --hard-links',
  ],

  async prepare(given) {
    const [, index = ''] = given.args
    if (!/^[^/]+\/[^/]+$/.test(index))
      throw new UsedWrongly([`INDEX is user/index, not '${index}'`])
    return { ...(await readFolderOrder(given)), index }
  },

  async run({ config, index, folder }, given) {
    const { stdout, stderr } = given.world
    let show: ShowProgress | undefined
    const take = (store: Store) =>
      takeTree(store, {
        ...{ folder, index, hardLinks: hasFlag(given, 'hard-links') },
        onBegin: (files) => (show = startProgress(given, files)),
        onFile: (name) => show?.(name),
      })
    const outcome = await withStore(config, take, {
      changes: { endsFollowing: hasFlag(given, 'end-following') },
    })
    show?.(undefined)
    const { layout, added, here, bytes, problems, failed } = outcome
    if (hasFlag(given, 'json')) printJson(given.world, outcome)
    else {
      const what = layout === 'plain' ? 'a folder of packages' : 'a bandersnatch mirror'
      stdout.write(
        `${folder}: ${what}\nimported: ${added} files (${printSize(bytes)})\nalready here: ${here}\n`,
      )
    }
    printProblems(stderr, problems, failed)
    if (failed > 0) stderr.write(`Error: ${failed} files were not taken. All else is here.\n`)
    return failed > 0 ? 1 : 0
  },
})
