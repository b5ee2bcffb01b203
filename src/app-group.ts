/** What a server needs as a member of its group: it tells who takes changes, and hears of it. */
import type { Clock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import type { Config } from '#config'
import type { Fence } from '#ledger/fence'
import type { Ledger } from '#ledger/ledger'
import type { MirrorPrimary } from '#mirror/mirrors'
import { listPromotions } from '#registry/promotions'
import { Announcer } from '#replication/announcer'
import { Membership } from '#replication/membership'
import { findPromotedMark } from '#replication/replica-mark'
import type { ReplicaTokens } from '#replication/replica-tokens'
import { openPrimary } from './app-primary.ts'
import type { Replica } from './app-replica.ts'

export interface Group {
  readonly membership: Membership
  /** For a server that was replaced: nobody is to be asked. */
  readonly mirrorPrimary: MirrorPrimary | undefined
  /** Resolves when this server is to be another than it was when it started. */
  readonly hasNewRole: Promise<void>
  start(): void
  close(): Promise<void>
}

interface GroupNeeds {
  readonly ledger: Ledger
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
  const replaced = Promise.withResolvers<void>()
  const membership = new Membership({
    ...{ ledger, uuid, clock, log },
    listStarts: () => listPromotions(ledger),
    followed: config.primaryUrl,
    outsideUrl: config.outsideUrl,
    onReplaced() {
      if (fence) return // heard before
      onReplaced()
      replaced.resolve()
    },
    onMoved: async (url, epoch) => replica?.moveTo(url, epoch),
  })
  const promoted = await findPromotedMark(config.dir)
  const told = promoted && tokens && !replica && !fence ? promoted.formerUrls : []
  const targets = told.map((url) => openPrimary(config, url, { tokens: tokens!, uuid }))
  const announcer = new Announcer({ membership, targets, log })
  return {
    membership,
    mirrorPrimary: fence && {
      ask: () =>
        Promise.reject(new UpstreamFailure('another server was promoted in the place of this one')),
    },
    hasNewRole: replica ? replica.hasNewRole : replaced.promise,
    start: () => announcer.start(),
    close: () => announcer.close(),
  }
}
