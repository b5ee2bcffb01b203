/** The thread that follows the ledger into the search index. */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { serveIndexer } from '#search/serve-indexer'
import { openIndexing } from './app-search.ts'

/** Requests come first. On Linux this is of the thread alone, elsewhere it would be of the whole server. */
const PRIORITY = 15
if (process.platform === 'linux') setPriority(PRIORITY)

const { dir } = workerData as { dir: string }
const indexing = await openIndexing(dir)
if (parentPort) await serveIndexer(parentPort, indexing)
await indexing.close()
