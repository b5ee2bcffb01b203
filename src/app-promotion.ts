/** Making a replica the primary of its group: in its folder, whether a server runs on it or not. */
import { lockFolder } from '#base/folder-lock'
import { openNodeFile } from '#base/node-file'
import { StartRefused } from '#base/start-refused'
import type { Config } from '#config'
import type { Serial } from '#ledger/key'
import { openLedger } from '#ledger/open-ledger'
import { findPromoted, promote } from '#registry/promotions'
import type { MissingBlob } from '#replication/blob-repair'
import { askStatus } from '#replication/primary-status'
import {
  findPromotedMark,
  findReplicaMark,
  removePromotedMark,
  removeReplicaMark,
  writePromotedMark,
  type ReplicaMark,
} from '#replication/replica-mark'
import { groupTrust } from './app-primary.ts'

export interface Promoted {
  readonly epoch: number
  /** The first of the epoch. */
  readonly serial: Serial
  /** A server runs on the folder; it becomes the primary by itself. */
  readonly isServed: boolean
}

/**
 * Whom the folder's replica follows. Refuses a folder that is none, or has nothing; one that is no replica's only if
 * nobody insists on it.
 */
export async function findPromotable(
  { dir }: Config,
  { isForced }: { readonly isForced: boolean },
): Promise<ReplicaMark | undefined> {
  await finishPromotion(dir)
  const mark = await findReplicaMark(dir)
  if (!mark && isForced) return undefined
  if (!mark) {
    const promoted = await findPromotedMark(dir)
    if (promoted) {
      const tries = [
        `wheelyard serve --dir ${dir}, without --primary-url`,
        '--force, to begin one more epoch: where two servers take changes, it decides for this one',
      ]
      throw new StartRefused(`${dir} was promoted before, to epoch ${promoted.epoch}.`, tries)
    }
    throw new StartRefused(`${dir} holds no replica: there is nothing to promote.`, [
      '--dir DIR, with the folder of a replica',
    ])
  }
  const ledger = await openLedger(dir, { isFollower: true })
  const { serial } = ledger
  await ledger.close()
  if (serial >= 0) return mark
  throw new StartRefused(`${dir} is empty: nothing has come from ${mark.primaryUrl} yet.`, [
    '--dir DIR, with the folder of a replica that has something',
  ])
}

/** The primary as it answers now; undefined where it does not, or where another server answers in its place. */
export async function findRunningPrimary(
  config: Config,
  { primaryUrl, primaryUuid }: ReplicaMark,
): Promise<{ serial: Serial } | undefined> {
  const status = await askStatus(primaryUrl, {
    ...groupTrust(config),
    connectTimeoutMs: config.upstreamConnectTimeout,
    stallTimeoutMs: config.upstreamFirstByteTimeout,
  })
  return status && (primaryUuid === undefined || status.uuid === primaryUuid) ? status : undefined
}

/** `mark`: undefined for a folder that is no replica's, which begins another epoch. */
export async function promoteFolder(
  { dir }: Config,
  mark: ReplicaMark | undefined,
  missing: readonly MissingBlob[] = [],
): Promise<Promoted> {
  const { uuid } = await openNodeFile(dir)
  const alone = lockFolder(dir)
  alone?.release()
  const ledger = await openLedger(dir, { isFollower: mark !== undefined })
  try {
    // First what is meant, so that whoever finds it can finish what a crash has left.
    await writePromotedMark(dir, {
      ...(await findPromotedMark(dir)),
      epoch: ledger.epoch + 1,
      ...(mark && {
        formerUrls: [mark.primaryUrl, ...(mark.insteadOf ?? [])],
        members: mark.members,
        missing,
      }),
    })
    const epoch = await promote(ledger, uuid)
    await finishPromotion(dir)
    return { epoch, serial: ledger.serial, isServed: alone === undefined }
  } finally {
    await ledger.close()
  }
}

/** Ends a promotion that was broken off: done, if the epoch has begun, and otherwise as if nothing had been. */
export async function finishPromotion(dir: string): Promise<void> {
  const [mark, promotedMark] = await Promise.all([findReplicaMark(dir), findPromotedMark(dir)])
  if (!mark || !promotedMark) return
  const { uuid } = await openNodeFile(dir)
  const ledger = await openLedger(dir, { isFollower: true })
  const promoted = await findPromoted(ledger).finally(() => ledger.close())
  const isBegun = promoted?.uuid === uuid && promoted.epoch >= promotedMark.epoch
  await (isBegun ? removeReplicaMark(dir) : removePromotedMark(dir))
}
