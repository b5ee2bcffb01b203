/** `wheelyard admin promote`: makes a replica the primary, in the place of one that is gone. */
import type { Config } from '#config'
import { defineCommand, hasFlag } from '../command.ts'
import { CommandFailed } from '../failure.ts'
import { printJson } from '../output.ts'
import { listNeededBlobs, type NeededBlob } from '#registry/needed-blobs'
import { dataFolderOptions, jsonOption, readSettings } from './settings.ts'
import { assertDataFolder, withStore } from './store.ts'

/** Of the files that are missing. */
const MOST_NAMED = 10

export const promote = defineCommand({
  name: 'admin promote',
  summary: 'Make a replica the primary, in the place of one that is gone.',
  about:
    'Begins the next epoch in the history of the group: from then on the former primary, should it come back, ' +
    'is refused by all who have heard of it. Refuses where something would be lost that may still be had: the ' +
    'primary answers, or files are not here yet. A server that runs on the folder becomes the primary within a ' +
    'second; else start one, without --primary-url.',
  options: [
    ...dataFolderOptions(),
    {
      name: 'force',
      doc: 'Also if the primary still answers, files are missing, or it is a primary already.',
      group: 'Options',
    },
    jsonOption,
  ],
  examples: ['wheelyard admin promote --dir /srv/replica'],
  prepare: readSettings,

  async run({ config }, given) {
    const { stdout, stderr } = given.world
    await assertDataFolder(config)
    const { findPromotable, promoteFolder } = await import('#app-promotion')
    const isForced = hasFlag(given, 'force')
    const mark = await findPromotable(config, { isForced })
    if (mark && !isForced) await assertPrimaryGone(config, mark)
    const missing = mark ? await listMissing(config) : []
    if (!isForced) assertFilesHere(missing)
    const { epoch, serial, isServed } = await promoteFolder(config, mark, missing)
    if (hasFlag(given, 'json')) printJson(given.world, { epoch, serial, isServed })
    else
      stdout.write(`${config.dir} is the primary's: epoch ${epoch} begins with serial ${serial}.\n`)
    stderr.write(
      isServed
        ? 'The server that runs on it takes changes in a moment. Remove --primary-url from its settings.\n'
        : `Start it without --primary-url: wheelyard serve --dir ${config.dir} --secret-file FILE\n`,
    )
    stderr.write(
      'Other replicas follow it by themselves if it is served with --outside-url URL; else give each of them its address as --primary-url.\n',
    )
    return 0
  },
})

async function assertPrimaryGone(
  config: Config,
  mark: { readonly primaryUrl: string; readonly primaryUuid?: string | undefined },
): Promise<void> {
  const { findRunningPrimary } = await import('#app-promotion')
  const running = await findRunningPrimary(config, mark)
  if (!running) return
  const here = await withStore(config, async ({ ledger }) => ledger.serial)
  const lacks =
    running.serial > here ? `, and is at serial ${running.serial}, and this at ${here}` : ''
  throw new CommandFailed(
    `The primary ${mark.primaryUrl} answers${lacks}: nothing was done, or two servers would take changes.`,
    [
      'stop it, once all that it has is here (its +status and that of the replica show the same serial)',
      '--force, if it cannot be stopped: what it has beyond that is not taken over',
    ],
  )
}

const listMissing = (config: Config): Promise<NeededBlob[]> =>
  withStore(config, async (store) => {
    const missing: NeededBlob[] = []
    for await (const needed of listNeededBlobs(store)) {
      if ((await store.blobs.size(needed.digest)) === undefined) missing.push(needed)
    }
    return missing
  })

function assertFilesHere(missing: readonly NeededBlob[]): void {
  if (missing.length === 0) return
  const named = missing.slice(0, MOST_NAMED).map(({ neededBy }) => neededBy)
  const more = missing.length > MOST_NAMED ? `, and ${missing.length - MOST_NAMED} more` : ''
  throw new CommandFailed(
    `Files are not here (${missing.length}), so nothing was done: ${named.join(', ')}${more}.`,
    [
      "copy the former primary's folder blobs into that of this one, where it can still be read, and promote again",
      '--force, to do without them until a server of the group comes back that has them',
    ],
  )
}
