/** What a server needs as a member of its group: it tells who takes changes, and hears of it. */
import type { Clock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import type { BlobStore } from '#blobs/blob-store'
import type { Config } from '#config'
import type { Fence } from '#ledger/fence'
import type { Ledger } from '#ledger/ledger'
import type { MirrorPrimary } from '#mirror/mirrors'
import { keys } from '#registry/keys'
import { findPromoted, listPromotions } from '#registry/promotions'
import { BlobRepair, type MissingBlob } from '#replication/blob-repair'
import type { Feeds } from '#replication/feeds'
import { Announcer } from '#replication/announcer'
import { Membership } from '#replication/membership'
import { findPromotedMark, writePromotedMark } from '#replication/replica-mark'
import type { ReplicaTokens } from '#replication/replica-tokens'
import { openPrimary } from './app-primary.ts'
import type { Replica } from './app-replica.ts'

export interface Group {
  readonly membership: Membership
  /** For a server that was replaced: nobody is to be asked. */
  readonly mirrorPrimary: MirrorPrimary | undefined
  /** Resolves when this server is to be another than it was when it started. */
  readonly hasNewRole: Promise<void>
  /** Files that were not here when this server was promoted, and have not come since. */
  missing(): number
  listMissing(): readonly MissingBlob[]
  start(): void
  close(): Promise<void>
}

interface GroupNeeds {
  readonly ledger: Ledger
  /** Of this machine. */
  readonly blobs: BlobStore
  readonly feeds: Feeds
  /** Of this server. */
  readonly uuid: string
  readonly tokens: ReplicaTokens | undefined
  /** It was replaced before it started. */
  readonly fence: Fence | undefined
  readonly replica: Replica | undefined
  readonly clock: Clock
  readonly log: Log
  readonly onReplaced: () => void
}

export async function joinGroup(config: Config, needs: GroupNeeds): Promise<Group> {
  const { ledger, uuid, tokens, fence, replica, clock, log, onReplaced } = needs
  const renewed = Promise.withResolvers<void>()
  const membership = new Membership({
    ...{ ledger, uuid, clock, log },
    listStarts: () => listPromotions(ledger),
    followed: config.primaryUrl,
    outsideUrl: config.outsideUrl,
    onReplaced() {
      if (fence) return // heard before
      onReplaced()
      renewed.resolve()
    },
    onMoved: async (url, epoch) => replica?.moveTo(url, epoch),
  })
  const stopWatch = watchPromotion(config.dir, needs, () => renewed.resolve())
  const promoted = await findPromotedMark(config.dir)
  const known = [...(promoted?.formerUrls ?? []), ...(promoted?.members ?? [])]
  const told = tokens && !replica && !fence ? new Set(known) : new Set<string>()
  if (promoted && told.size > 0 && config.outsideUrl === undefined) {
    log.warn({}, 'other servers of the group are not told where this one is: set --outside-url')
  }
  const targets = Array.from(told, (url) => openPrimary(config, url, { tokens: tokens!, uuid }))
  const repair = new BlobRepair({
    blobs: needs.blobs,
    missing: replica || fence || !tokens ? [] : (promoted?.missing ?? []),
    listMembers: () => [...told, ...listAddresses(needs.feeds)],
    open: (url) => openPrimary(config, url, { tokens: tokens!, uuid }),
    async onCome(missing) {
      const mark = await findPromotedMark(config.dir)
      if (mark) await writePromotedMark(config.dir, { ...mark, missing })
    },
    log,
  })
  const announcer = new Announcer({ membership, targets, log })
  return {
    membership,
    mirrorPrimary: fence && {
      ask: () =>
        Promise.reject(new UpstreamFailure('another server was promoted in the place of this one')),
    },
    hasNewRole: replica ? Promise.race([renewed.promise, replica.hasMoved]) : renewed.promise,
    missing: () => repair.missing.length,
    listMissing: () => repair.missing,
    start() {
      announcer.start()
      repair.start()
    },
    async close() {
      stopWatch()
      await Promise.all([announcer.close(), repair.close()])
    },
  }
}

const listAddresses = (feeds: Feeds): string[] =>
  feeds.list().flatMap(({ outsideUrl }) => (outsideUrl === undefined ? [] : [outsideUrl]))

/** Tells when a command has promoted this server while it runs. */
function watchPromotion(
  dir: string,
  { ledger, uuid, replica, log }: GroupNeeds,
  onPromoted: () => void,
): () => void {
  const look = async (): Promise<void> => {
    const [mark, promoted] = await Promise.all([findPromotedMark(dir), findPromoted(ledger)])
    // A replica may come by old promotions of its own.
    const isNew = replica ? mark !== undefined : promoted && promoted.epoch > ledger.epoch
    if (isNew && promoted?.uuid === uuid) onPromoted()
  }
  const { path } = keys.promoted()
  return ledger.follow(({ paths }) => {
    if (!paths.includes(path)) return
    look().catch((error: unknown) =>
      log.error({ error }, 'whether this server was promoted is not known'),
    )
  })
}
