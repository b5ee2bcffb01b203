/** What the search index is made from, opened by itself: in a process beside the server, or by a command. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '#base/clock'
import { openFilesystemBlobs } from '#blobs/backends/filesystem'
import type { Ledger } from '#ledger/ledger'
import { openLedger } from '#ledger/open-ledger'
import { LocalState } from '#mirror/local-state'
import { NameLists } from '#mirror/name-lists'
import { DocsPages } from '#registry/docs-pages'
import { keys } from '#registry/keys'
import { DocsText } from '#search/docs-text'
import { Indexer, type IndexingFailure } from '#search/indexer'
import type { NameSources } from '#search/names'
import { openWriter } from '#search/open-reader'
import type { Indexing } from '#search/serve-indexer'

/** Of a data folder. */
export const searchFile = (dir: string): string => join(dir, 'local', 'search.sqlite')

/** Of a data folder. The writer is for whoever uses it to close. */
export async function openIndexing(dir: string): Promise<Indexing> {
  const ledger = await openLedger(dir)
  const blobs = await openFilesystemBlobs(join(dir, 'blobs'))
  const local = LocalState.open(join(dir, 'local', 'mirrors.sqlite'))
  const lists = new NameLists(join(dir, 'local', 'names'), { local, clock: systemClock })

  async function close(): Promise<void> {
    local.close()
    await blobs.close()
    await ledger.close()
  }

  return {
    ...{ ledger, blobs, close },
    docs: new DocsText(new DocsPages(blobs)),
    writer: openWriter(searchFile(dir)),
    names: listedNames(ledger, local, lists),
    clock: systemClock,
    holder: `${hostname()} ${process.pid} ${randomUUID()}`,
  }
}

/** How soon a command looks again whether the server has done what it was asked for. */
const OTHERS_MS = 1000

/**
 * Reads everything anew into the search index, which answers meanwhile; where a server writes it, the server does.
 * Resolves to the number of projects that could not be read.
 */
export async function rebuildSearch(
  dir: string,
  onFailure: (failure: IndexingFailure) => void,
): Promise<number> {
  const indexing = await openIndexing(dir)
  const { ledger, writer } = indexing
  const indexer = new Indexer({ ...indexing, onFailure }, new AbortController().signal)
  try {
    await writer.wantRebuild()
    while (!(await indexer.catchUp()) && !(await isDone())) await delay(OTHERS_MS)
    return (await writer.listOwed()).length
  } finally {
    await writer.close()
    await indexing.close()
  }

  async function isDone(): Promise<boolean> {
    if (await writer.isRebuildWanted()) return false
    await ledger.catchUp()
    const progress = await writer.progress()
    return progress !== undefined && progress.walk === undefined && progress.serial >= ledger.serial
  }
}

/** The lists of the mirrors there are, as they lie on disk. */
function listedNames(ledger: Ledger, local: LocalState, lists: NameLists): NameSources {
  return {
    async list() {
      const indexes = new Set(await ledger.read((tx) => tx.listNames(keys.indexes())))
      const looks = local.listNamesLooks().filter(({ index }) => indexes.has(index))
      const found = await Promise.all(
        looks.map(async ({ index }) => ({ index, ...(await lists.find(index)) })),
      )
      return found.flatMap(({ index, list }) =>
        list ? [{ index, token: list.etag, batches: () => list.batches() }] : [],
      )
    },
  }
}
