/** How a replica is, in devpi's words (devpi-replication 9.1) and some of ours. */
import type { IndexName } from '#registry/indexes'
import type { Following } from '#replication/follower'
import type { Parts } from './parts.ts'

/** Blobs that could not be had are listed up to here; all are counted. */
const MOST_LISTED = 100

/**
 * Empty for a server that follows nobody. Files are listed of indexes that may be read; the filter may name indexes that
 * are for few, and a file of this machine: it is for who looks after the server.
 */
export function replicaStatus(
  { replication, ledger, clock }: Parts,
  { mayRead, isModifier }: { mayRead: (index: IndexName) => boolean; isModifier: boolean },
): Record<string, unknown> {
  const { replica } = replication
  if (!replica) return {}
  const { primaryUrl } = replica
  const following = replica.following()
  const { problem, primarySerial, contactedAt, heardAt, inSyncAt, startedAt } = following
  const blobs = replica.blobs()
  const behind = Math.max(primarySerial - ledger.serial, 0)
  const uuid = replica.primaryUuid() ?? null
  const serialAt = seconds(following.primarySerialAt)
  const filesInSyncAt = blobs.behind === 0 && blobs.owed === 0 ? clock.now() : undefined
  return {
    role: 'REPLICA',
    'primary-url': primaryUrl,
    'primary-uuid': uuid,
    'primary-serial': primarySerial,
    'primary-serial-timestamp': serialAt,
    'primary-contacted-at': seconds(contactedAt),
    'update-from-primary-at': seconds(heardAt),
    'master-url': primaryUrl,
    'master-uuid': uuid,
    'master-serial': primarySerial,
    'master-serial-timestamp': serialAt,
    'master-contacted-at': seconds(contactedAt),
    'update-from-master-at': seconds(heardAt),
    'replica-started-at': seconds(startedAt),
    'replica-metadata-in-sync-at': seconds(inSyncAt),
    'replica-init-queue-finished-at': seconds(filesInSyncAt),
    'replica-files-in-sync-at': seconds(filesInSyncAt),
    'replica-in-sync-at': seconds(inSyncAt && filesInSyncAt),
    'replication-errors': Object.fromEntries(
      replica
        .listOwed(MOST_LISTED)
        .filter(({ path }) => mayRead(indexOf(path)))
        .map(({ path, message, tries, nextAt }) => [
          path,
          { relpath: path, url: primaryUrl, message, tries, 'next-try-at': seconds(nextAt) },
        ]),
    ),
    primary: {
      connected: following.isConnected,
      problem: problem ? { ...problem, since: seconds(problem.since) } : null,
    },
    ...(replica.devpi && { devpi: replica.devpi() }),
    lag: { changes: behind, seconds: lagOf(following, behind, clock.now()) / 1000 },
    blobs: {
      ...{ 'changes-to-look-at': blobs.behind, missing: blobs.owed, fetched: blobs.fetched },
      ...{
        kept: blobs.blobs,
        filter: (isModifier && blobs.filter) || null,
        'left-out': blobs.leftOut,
      },
    },
  }
}

/** Milliseconds since all that the primary had was here. While it is away nobody knows what else it has. */
export function lagOf(following: Following, behind: number, now: number): number {
  const { isConnected, inSyncAt, startedAt } = following
  return isConnected && behind === 0 ? 0 : now - (inSyncAt ?? startedAt)
}

/** What names blobs lies below its index. */
const indexOf = (path: string): IndexName => path.split('/').slice(1, 3).join('/')

const seconds = (instant: number | undefined): number | null =>
  instant === undefined ? null : instant / 1000
