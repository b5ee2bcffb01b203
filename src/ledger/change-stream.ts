/** The changes from a serial on, and then those to come: what a replica or an indexer is fed from. */
import type { LedgerBackend } from './backend.ts'
import type { Change } from './change.ts'
import type { CommitWatch } from './commit-watch.ts'
import type { Serial } from './key.ts'
import type { RecentChanges } from './recent-changes.ts'

/** How long a commit of another process stays unseen here when no request comes in. */
const CHECK_INTERVAL_MS = 1_000

export interface ChangeStreamOptions {
  readonly from: Serial
  readonly ended: AbortSignal
  readonly recent: RecentChanges
}

export async function* streamChanges(
  backend: LedgerBackend,
  commits: CommitWatch,
  { from, ended, recent }: ChangeStreamOptions,
): AsyncGenerator<Change, void, void> {
  let resume = (): void => {}
  const wake = (): void => resume()
  const stopFollowing = commits.follow(wake)
  const stopWatching = commits.watch(CHECK_INTERVAL_MS)
  ended.addEventListener('abort', wake)
  try {
    await commits.catchUp()
    for (let serial = Math.max(from, 0); ; serial++) {
      while (serial > commits.serial && !ended.aborted) {
        await new Promise<void>((resolve) => (resume = resolve))
      }
      if (ended.aborted) return
      const change = recent.find(serial) ?? (await backend.change(serial))
      if (!change) throw new Error(`the ledger has no change ${serial}`)
      yield change
    }
  } finally {
    stopFollowing()
    stopWatching()
    ended.removeEventListener('abort', wake)
  }
}
