/** What a replica has and need not keep: blobs that came when they were asked for, or while its filter was another. */
import { existsSync } from 'node:fs'
import { StartRefused } from '#base/start-refused'
import type { Sha256 } from '#blobs/blob-store'
import type { Config } from '#config'
import { replicaFilter } from '#config-replica'
import type { KeyRange } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import type { ListedEntry } from '#ledger/transaction'
import { keys } from '#registry/keys'
import { namedBlobs } from '#registry/named-blobs'
import { BlobBook } from '#replication/blob-book'
import { findReplicaMark } from '#replication/replica-mark'
import { bookFile } from './app-replica.ts'
import { openBlobChoice, type BlobSettings } from './app-replica-choice.ts'

/**
 * The blobs of all that is on the indexes now and that the replica, as it was last started, leaves out. Refuses a
 * folder whose blobs may be nowhere else, and a replica that leaves nothing out.
 */
export async function getLeftOutBlobs({ dir }: Dir, ledger: Ledger): Promise<Set<Sha256>> {
  const settings = await findSettings(dir)
  if (!settings) {
    throw new StartRefused(`${dir} holds no replica: its files may be nowhere else.`, [
      'the same without --left-out',
    ])
  }
  if (keepsAll(settings)) {
    throw new StartRefused(`The replica in ${dir} was last started to keep all files.`, [
      'wheelyard serve with --replica-filter or --blobs on-demand, and then this',
    ])
  }
  return listLeftOut(dir, ledger, settings)
}

/** The same; none where nothing is left out. */
export async function findLeftOutBlobs({ dir }: Dir, ledger: Ledger): Promise<Set<Sha256>> {
  const settings = await findSettings(dir)
  return settings && !keepsAll(settings) ? listLeftOut(dir, ledger, settings) : new Set()
}

type Dir = Pick<Config, 'dir'>
type Settings = Partial<BlobSettings>

const keepsAll = ({ blobs = 'all' }: Settings): boolean => blobs === 'all'

/** Of the replica as it was last started; undefined where there is none. */
async function findSettings(dir: string): Promise<Settings | undefined> {
  if (!(await findReplicaMark(dir)) || !existsSync(bookFile(dir))) return undefined
  const book = BlobBook.open(bookFile(dir))
  const { settings } = book.chosen
  book.close()
  return JSON.parse(settings) as Settings
}

async function listLeftOut(
  dir: string,
  ledger: Ledger,
  { blobs, filter }: Settings,
): Promise<Set<Sha256>> {
  const parsed = filter === undefined ? undefined : replicaFilter.parse(filter, dir)
  const choice = await openBlobChoice({ blobs, replicaFilter: parsed }, ledger)
  const wanted = new Set<Sha256>()
  const leftOut = new Set<Sha256>()
  await ledger.catchUp()
  for await (const { path, value } of listEntries(ledger)) {
    const digests = namedBlobs(path, value)
    if (digests.length === 0) continue
    const [own] = await choice.look(path, value, ledger.serial)
    for (const digest of digests) (own?.isWanted ? wanted : leftOut).add(digest)
  }
  return leftOut.difference(wanted)
}

async function* listEntries(ledger: Ledger): AsyncIterable<ListedEntry<unknown>> {
  const ranges: KeyRange<unknown>[] = [keys.allFiles(), keys.allDocs(), keys.allToxresults()]
  for (const range of ranges) {
    let after: string | undefined
    do {
      const entries = await ledger.read((tx) =>
        tx.list(range, { limit: 1000, ...(after && { after }) }),
      )
      yield* entries
      after = entries.at(-1)?.path
    } while (after)
  }
}
