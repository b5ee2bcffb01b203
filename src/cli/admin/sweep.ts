/** `wheelyard admin sweep`: gives back the room of blobs that nothing names. */
import { sweep as removeUnnamed } from '#blobs/sweep'
import { printSize } from '#base/duration'
import type { Sha256 } from '#blobs/blob-store'
import type { Config } from '#config'
import type { Ledger } from '#ledger/ledger'
import { systemClock } from '#base/clock'
import { defineCommand, hasFlag } from '../command.ts'
import { printJson } from '../output.ts'
import { readMentionedBlobs } from './named-blobs.ts'
import { dataFolderOptions, jsonOption, readSettings } from './settings.ts'
import { withStore } from './store.ts'

/** An upload keeps its blob first and then commits its key; no upload takes this long in between. */
const graceMs = 3_600_000

/** Imported only where it is called for: it brings the policies along. */
async function readLeftOut(config: Config, ledger: Ledger): Promise<Set<Sha256>> {
  const { getLeftOutBlobs } = await import('#app-replica-sweep')
  return getLeftOutBlobs(config, ledger)
}

export const sweep = defineCommand({
  name: 'admin sweep',
  summary: 'Remove stored blobs that no file, of now or of the kept history, names.',
  about: 'May run beside the server: what is younger than an hour stays.',
  options: [
    ...dataFolderOptions(),
    {
      name: 'left-out',
      doc: 'Of a replica: remove also what its --replica-filter, or --blobs on-demand, leaves to be fetched when asked for.',
      group: 'Options',
    },
    jsonOption,
  ],
  examples: [
    'wheelyard admin sweep --dir /srv/wheelyard',
    'wheelyard admin sweep --left-out --dir /srv/replica',
  ],
  prepare: readSettings,

  async run({ config }, given) {
    const { removed, bytes, leftovers } = await withStore(config, async ({ ledger, blobs }) => {
      const leftOut = hasFlag(given, 'left-out') ? await readLeftOut(config, ledger) : new Set()
      const mentioned = await readMentionedBlobs({ ledger })
      const isKept = (digest: Sha256): boolean => mentioned.has(digest) && !leftOut.has(digest)
      const swept = await removeUnnamed(blobs, isKept, {
        olderThanMs: graceMs,
        now: systemClock.now(),
      })
      return { ...swept, leftovers: await blobs.clearStaging(graceMs) }
    })

    if (hasFlag(given, 'json')) printJson(given.world, { removed, bytes, leftovers })
    else {
      const { stdout } = given.world
      stdout.write(`blobs: ${removed} removed, ${printSize(bytes)}\n`)
      stdout.write(`unfinished files: ${leftovers} removed\n`)
    }
    return 0
  },
})
