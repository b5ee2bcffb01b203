/** What replicas ask of their primary: the changes of its ledger from a serial on, and blobs by their digest. */
import { Readable } from 'node:stream'
import { isSha256 } from '#base/digest'
import { refuse } from '#base/refusal'
import { fileAnswer } from '#http/reply'
import type { Serial } from '#ledger/key'
import { get, post, type Answer, type Call, type Route } from '#http/route'
import { parseBatchQuestion, writeBatch } from '#replication/blob-batch'
import type { OwedBlob } from '#replication/blob-book'
import type { MissingBlob } from '#replication/blob-repair'
import type { Feeds } from '#replication/feeds'
import type { Following } from '#replication/follower'
import type { Membership } from '#replication/membership'
import type { ReplicaTokens } from '#replication/replica-tokens'
import type { SetAside } from '#replication/set-aside'
import type { Parts } from './parts.ts'
import { notThere } from './views.ts'

export interface ReplicaBlobFacts {
  /** Changes whose blobs are not all looked after. */
  readonly behind: number
  /** Blobs that could not be had. */
  readonly owed: number
  readonly fetched: number
  /** Files and the like that are not got ahead, by the filter. */
  readonly leftOut: number
  readonly blobs: 'all' | 'filtered' | 'on-demand'
  readonly filter: string | undefined
}

/** How a server follows its primary. */
export interface ReplicaFacts {
  readonly primaryUrl: string
  /** Undefined before the first time. */
  primaryUuid(): string | undefined
  following(): Following
  /** Of a devpi-server that is followed, in its own numbers: the last serial that is here, and the last that is known of. */
  devpi?(): { readonly applied: Serial; readonly serial: Serial }
  blobs(): ReplicaBlobFacts
  /** The first of them. */
  listOwed(most: number): readonly OwedBlob[]
}

export interface Replication {
  /** Undefined without a secret that is shared with others: then there is nothing for replicas here. */
  readonly tokens: ReplicaTokens | undefined
  readonly feeds: Feeds
  /** Undefined for a server that follows nobody. */
  readonly replica: ReplicaFacts | undefined
  readonly membership: Membership
  /** What this server wrote and its group went on without. */
  listSetAside(): Promise<readonly SetAside[]>
  /** Files that were not here when this server was promoted, and have not come since. */
  missing(): number
  /** The keys that name them, and their digests. */
  listMissing(): readonly MissingBlob[]
}

/** Neither a proxy nor its cache may keep any of it, or hold it back. */
export const FOR_REPLICAS = { 'Cache-Control': 'private, no-store', 'X-Accel-Buffering': 'no' }

const MINUTE = 60_000

export function replicationRoutes({ blobs, ledger, replication }: Parts): Route[] {
  const early = (call: Call): void => void assertReplica(replication, call)
  return [
    get('/+changes/:from', sendChanges),
    get('/+blobs/:digest', sendBlob),
    post('/+blobs', sendBlobs, { isLocal: true, early }),
  ]

  /** `N-?after=HASH`: the changes from N on for who has the change before under this hash. */
  async function sendChanges(call: Call): Promise<Answer> {
    const { params, query, headers, raw } = call
    const [, digits] = /^(\d{1,15})-$/.exec(params['from'] ?? '') ?? []
    if (digits === undefined) throw notThere(call)
    const { replica: uuid, key } = assertReplica(replication, call)

    const { feeds } = replication
    const fence = await ledger.fence()
    if (fence) throw refuse('feed-fenced', { epoch: fence.epoch, url: fence.url })
    const from = Number(digits)
    const problem = await feeds.findProblem(from, query.get('after') ?? '')
    if (problem === 'ahead') throw refuse('changes-ahead', { serial: from - 1 })
    if (problem === 'changed') throw refuse('changes-parted', { serial: from - 1 })
    const outsideUrl = headers['x-devpi-replica-outside-url']
    const replica = {
      uuid,
      address: raw.socket.remoteAddress ?? '',
      outsideUrl: typeof outsideUrl === 'string' ? outsideUrl : undefined,
    }
    return {
      status: 200,
      headers: { ...FOR_REPLICAS, 'Content-Type': 'application/vnd.wheelyard.changes' },
      body: feeds.open({ from, key, replica }),
    }
  }

  async function sendBlob(call: Call): Promise<Answer> {
    const { digest = '' } = call.params
    assertReplica(replication, call)
    if (!isSha256(digest)) throw notThere(call)
    const size = await blobs.size(digest)
    if (size === undefined) throw refuse('blob-missing', { digest })
    return fileAnswer(call, {
      size,
      type: 'application/octet-stream',
      etag: `"${digest}"`,
      headers: FOR_REPLICAS,
      async open(range) {
        const blob = await blobs.open(digest, range)
        if (!blob) throw refuse('blob-missing', { digest })
        return blob.stream
      },
    })
  }

  /** Of those in the body, a list of digests, as `blob-batch` has it. */
  async function sendBlobs(call: Call): Promise<Answer> {
    assertReplica(replication, call)
    const digests = parseBatchQuestion(await call.json())
    if (!digests) throw refuse('bad-request', { reason: 'it is no list of digests' })
    return {
      status: 200,
      headers: { ...FOR_REPLICAS, 'Content-Type': 'application/vnd.wheelyard.blobs' },
      body: Readable.from(writeBatch(digests, blobs), { objectMode: false }),
    }
  }
}

/** Refuses whoever does not have our secret. `key`: for a stream that is asked for with this request. */
export function assertReplica(
  { tokens }: Replication,
  { headers }: Call,
): { replica: string; key: Uint8Array } {
  if (!tokens) throw refuse('replication-disabled')
  const [, token] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  if (token === undefined) throw refuse('replica-token-missing')
  const verdict = tokens.read(token)
  if ('replica' in verdict) return { replica: verdict.replica, key: tokens.streamKey(token) }
  if (verdict.wrong === 'signature') throw refuse('replica-token-wrong')
  const minutes = Math.round(Math.abs(verdict.apartMs) / MINUTE)
  throw refuse('replica-clock', { minutes, isBehind: verdict.apartMs > 0 })
}
