/** What a server needs that is a replica: who it follows, and where the blobs come from that are not here yet. */
import { join } from 'node:path'
import type { Clock } from '#base/clock'
import type { Crew } from '#base/crew'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { MachineWatch } from '#base/machine-watch'
import type { BlobStore } from '#blobs/blob-store'
import type { Config } from '#config'
import type { Ledger } from '#ledger/ledger'
import type { MirrorPrimary } from '#mirror/mirrors'
import { namedBlobs } from '#registry/named-blobs'
import { listPromotions } from '#registry/promotions'
import { BlobBook } from '#replication/blob-book'
import { BlobFetcher } from '#replication/blob-fetcher'
import { BlobWalk } from '#replication/blob-walk'
import { Follower } from '#replication/follower'
import { findLateFrom } from '#replication/fork'
import type { GroupView } from '#replication/group-view'
import { isSameUrl, type Membership } from '#replication/membership'
import { ReplicaBlobs } from '#replication/replica-blobs'
import { findReplicaMark, writeReplicaMark, type ReplicaMark } from '#replication/replica-mark'
import type { ReplicaTokens } from '#replication/replica-tokens'
import { WriteRelay } from '#replication/write-relay'
import type { Relaying } from '#api/relay'
import type { ReplicaFacts } from '#api/replication'
import { groupTrust, openPrimary } from './app-primary.ts'
import { blobSettings, openBlobChoice } from './app-replica-choice.ts'
import { ReplicaCrew } from './app-replica-crew.ts'

/** A push to another server, say, may take long before it is answered. */
const LONGEST_WRITE_MS = 300_000

export const bookFile = (dir: string): string => join(dir, 'local', 'replica.sqlite')

export interface Replica {
  /** In place of the store of this machine. */
  readonly blobs: BlobStore
  readonly facts: ReplicaFacts
  readonly relaying: Relaying
  readonly mirrorPrimary: MirrorPrimary
  /** Resolves when the primary is somewhere else. */
  readonly hasMoved: Promise<void>
  /** Follows the primary of this epoch there, unless it does so already. */
  moveTo(primaryUrl: string, epoch: number): Promise<void>
  start(): void
  close(): Promise<void>
}

interface ReplicaNeeds {
  readonly ledger: Ledger
  /** Of this machine. */
  readonly blobs: BlobStore
  readonly tokens: ReplicaTokens
  /** Of this server. */
  readonly uuid: string
  /** To be asked for later. */
  readonly membership: () => Membership
  readonly crew: Crew
  readonly clock: Clock
  readonly log: Log
}

export async function openReplica(
  config: Config,
  primaryUrl: string,
  needs: ReplicaNeeds,
): Promise<Replica> {
  const { ledger, blobs, tokens, uuid, membership, crew, clock, log } = needs
  const primary = openPrimary(config, primaryUrl, { tokens, uuid })
  const choice = await openBlobChoice(config, ledger)
  const changeMark = markChanger(config.dir)
  let known = (await findReplicaMark(config.dir))?.primaryUuid
  const follower = new Follower({
    ...{ ledger, primary, uuid, clock, log },
    async onConnected(primaryUuid) {
      walk.wake()
      if (known === primaryUuid) return
      await changeMark({ primaryUrl, primaryUuid })
      known = primaryUuid
    },
    async onRefused(signal) {
      const told = await membership().exchange(primary, signal, ledger.serial)
      const parted = await findParted(ledger, told)
      if (parted !== undefined) await changeMark({ isParted: true })
      return parted
    },
    onMembers(members) {
      changeMark({ members }).catch((error: unknown) => {
        log.error({ error }, 'the other replicas could not be remembered')
      })
    },
  })
  const relay = new WriteRelay(primaryUrl, {
    ...groupTrust(config),
    connectTimeoutMs: config.upstreamConnectTimeout,
    stallTimeoutMs: LONGEST_WRITE_MS,
  })
  const fetcher = new BlobFetcher(primary, blobs)
  const settings = JSON.stringify(blobSettings(config))
  const book = BlobBook.open(bookFile(config.dir), { name: choice.name, settings })
  const walk = new BlobWalk({ ledger, blobs, fetcher, book, choice, clock, log, namedBlobs })

  const moving = Promise.withResolvers<void>()
  const renew = (why: string, breakOff: boolean): void => {
    log.info({ why }, 'asks its primary over new connections')
    primary.renew({ breakOff })
    follower.renew()
    walk.wake()
  }
  const machine = new MachineWatch({
    clock,
    onJump: () => renew('the machine has slept, or its clock was set', true),
    onNetwork: () => renew('the network has changed', false),
  })

  const shared = new ReplicaCrew({
    crew,
    state: () => ({
      following: follower.state,
      blobs: {
        ...{ behind: walk.behind, owed: book.owedCount, fetched: walk.fetched },
        ...{ leftOut: book.leftOutCount, ...blobSettings(config) },
      },
      primaryUuid: known,
    }),
    start() {
      follower.start()
      walk.start()
      machine.start()
    },
    async stop() {
      machine.close()
      await Promise.all([follower.close(), walk.close()])
    },
    wake: () => follower.wake(),
  })
  const awaySince = (): number | undefined => {
    const { problem } = shared.state.following
    return problem?.kind === 'away' ? problem.since : undefined
  }
  const isAway = (): boolean => awaySince() !== undefined

  return {
    blobs: new ReplicaBlobs(blobs, fetcher, { awaySince, onMissed: () => shared.wake() }),
    mirrorPrimary: {
      async ask(question) {
        // Whoever waits for a page shall not wait for a primary that is known to be away.
        if (isAway()) throw new UpstreamFailure('the primary of this replica is away')
        return primary.ask(question)
      },
    },
    facts: {
      primaryUrl: primary.url,
      primaryUuid: () => shared.state.primaryUuid,
      following: () => shared.state.following,
      blobs: () => shared.state.blobs,
      listOwed: (most) => book.listOwed(most),
    },
    relaying: {
      ...{ ledger, relay, timeoutMs: config.proxyTimeout },
      following: () => shared.state.following,
      onAnswer: () => shared.wake(),
    },
    hasMoved: moving.promise,
    async moveTo(url, epoch) {
      const { isConnected, primaryEpoch = 0 } = shared.state.following
      if (isSameUrl(url, primaryUrl) || (isConnected && primaryEpoch >= epoch)) return
      const { insteadOf = [] } = (await findReplicaMark(config.dir)) ?? {}
      const former = [...new Set([...insteadOf, primaryUrl])].filter((one) => !isSameUrl(one, url))
      log.warn({ primary: url, epoch, instead: primaryUrl }, 'follows the server that was promoted')
      await changeMark({ primaryUrl: url, insteadOf: former })
      moving.resolve()
    },
    start: () => shared.start(),
    async close() {
      await shared.close()
      await Promise.all([follower.close(), walk.close(), fetcher.close()])
      await Promise.all([primary.close(), relay.close()])
      book.close()
    },
  }
}

/** What is the matter, where the primary goes on without changes that are here. */
async function findParted(ledger: Ledger, told: GroupView): Promise<string | undefined> {
  const head = await ledger.change(ledger.serial)
  if (!head || !told.isPrimary || told.epoch <= head.epoch || told.hash === head.hash)
    return undefined
  const from = await findLateFrom(ledger, await listPromotions(ledger), told.starts)
  const count = ledger.serial + 1 - (from ?? 0)
  const counted = `${count} change${count === 1 ? '' : 's'}, from ${from} on,`
  const which = from === undefined ? 'changes' : counted
  return `here are ${which} that the primary of epoch ${told.epoch} does not have: they are set aside when this server is started again`
}

/** One change after the other. A folder that is no replica's any more is left alone. */
function markChanger(dir: string): (change: Partial<ReplicaMark>) => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return (change) => {
    last = last
      .catch(() => {}) // whoever made it was told
      .then(async () => {
        const mark = await findReplicaMark(dir)
        if (mark) await writeReplicaMark(dir, { ...mark, ...change })
      })
    return last
  }
}
