/** The process that follows the ledger into the search index. */
import { setPriority } from 'node:os'
import { serveIndexer } from '#search/serve-indexer'
import { openIndexing } from './app-search.ts'

/** Requests come first: of a processor that both want, a fiftieth is for the index. */
const LOW_PRIORITY = 17
try {
  setPriority(LOW_PRIORITY)
} catch {
  // Not everywhere may one do so; it is only better manners.
}

// Of the whole group, as Ctrl-C sends them: the server says when to end, or is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

await serveIndexer(process, openIndexing)
