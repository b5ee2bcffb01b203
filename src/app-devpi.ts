/** What a server needs that follows a devpi-server: from where it takes what it shows, and who looks upstream. */
import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import type { Clock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import type { Log } from '#base/log'
import { StartRefused } from '#base/start-refused'
import type { Relaying } from '#api/relay'
import type { ReplicaFacts } from '#api/replication'
import type { BlobStore } from '#blobs/blob-store'
import type { Config } from '#config'
import type { Ledger } from '#ledger/ledger'
import { DEVPI_ACTOR, DevpiFollower } from '#migration/devpi-follower'
import { DevpiBlobs } from '#migration/devpi-blobs'
import { DevpiFiles } from '#migration/devpi-files'
import { kindOfFolder, openHistory } from '#migration/devpi-folder'
import { DevpiLogins } from '#migration/devpi-logins'
import {
  DevpiServer,
  deriveKey,
  findFollowed,
  listMissing,
  type DevpiPlace,
} from '#migration/devpi-server'
import type { MirrorPrimary } from '#mirror/mirrors'
import { fileFolder } from '#registry/file-path'
import { keys } from '#registry/keys'
import { findReplicaMark } from '#replication/replica-mark'
import { WriteRelay } from '#replication/write-relay'
import { VERSION } from '#version'

export { DEVPI_ACTOR }
export type { DevpiPlace }

/** devpi holds a request for 30 seconds. */
const SILENCE_MS = 45_000
/** A push to another server, say, may take long before it is answered. */
const LONGEST_WRITE_MS = 300_000
/** How long a page waits for what devpi has found upstream. */
const LONGEST_WAIT_MS = 30_000

/** Whether a devpi-server is followed, now or when somebody next does: until the first change that is not from there. */
export async function followsDevpi(ledger: Ledger): Promise<boolean> {
  if ((await findFollowed(ledger)) === undefined) return false
  return (await ledger.change(ledger.serial))?.actor === DEVPI_ACTOR
}

/** Refuses a folder that has data of its own, or was written to since it followed. */
export async function assertMayFollow(dir: string, ledger: Ledger): Promise<void> {
  if (await findReplicaMark(dir)) {
    throw new StartRefused(`${dir} holds a replica of another Wheelyard.`, [
      '--dir DIR, with an empty folder',
    ])
  }
  if (ledger.serial < 0 || (await followsDevpi(ledger))) return
  const why = (await findFollowed(ledger))
    ? 'has been written to since it followed a devpi-server: those changes would be lost'
    : 'holds data of its own, which would be lost'
  throw new StartRefused(`${dir} ${why}.`, ['--dir DIR, with an empty folder'])
}

/** The logins of the devpi-server that is followed, or was; undefined where there was none, or no secret is shared. */
export async function openDevpiLogins(
  ledger: Ledger,
  place: DevpiPlace | undefined,
  { secret, clock }: { readonly secret: Uint8Array | undefined; readonly clock: Clock },
): Promise<DevpiLogins | undefined> {
  if (secret === undefined) return undefined
  if (place) return new DevpiLogins(secret, clock, place.cost)
  const followed = await findFollowed(ledger)
  if (!followed) return undefined
  const logins = new DevpiLogins(secret, clock, followed.cost)
  const last = await ledger.change(ledger.serial)
  if (last?.actor === DEVPI_ACTOR) logins.prepare() // it has just taken devpi's place
  return logins
}

/** Of a server that has taken a devpi-server's place: says what it never got. */
export async function tellMissing(ledger: Ledger, log: Log): Promise<void> {
  const missing = await listMissing(ledger)
  if (missing.length === 0) return
  const some = missing.slice(0, MOST_TOLD)
  log.warn(
    { count: missing.length, some },
    'files of the devpi-server that was followed are missing',
  )
}

const MOST_TOLD = 10

export interface Devpi {
  readonly url: string
  /** In place of the store of this machine. */
  readonly blobs: BlobStore
  readonly facts: ReplicaFacts
  readonly relaying: Relaying
  readonly mirrorPrimary: MirrorPrimary
  start(): void
  close(): Promise<void>
}

interface Needs {
  readonly ledger: Ledger
  /** Of this machine. */
  readonly blobs: BlobStore
  readonly secret: Uint8Array
  /** Of this server. */
  readonly uuid: string
  readonly clock: Clock
  readonly log: Log
}

export async function openDevpi(config: Config, place: DevpiPlace, needs: Needs): Promise<Devpi> {
  const { ledger, blobs, secret, uuid, clock, log } = needs
  log.info({}, 'makes its key of the secret, which takes some seconds')
  const server = new DevpiServer({
    ...{ url: place.url, uuid, clock, outsideUrl: config.outsideUrl },
    key: deriveKey(secret, 'devpi-server-replica', place.cost),
    userAgent: `wheelyard/${VERSION}`,
    connections: {
      connectTimeoutMs: config.upstreamConnectTimeout,
      firstByteTimeoutMs: SILENCE_MS,
      stallTimeoutMs: SILENCE_MS,
    },
  })
  const { cost, local } = place
  const hasHistory = local && kindOfFolder(local.folder) === 'server'
  const history = hasHistory ? openHistory(local.folder) : undefined
  const files = new DevpiFiles({ ledger, blobs, server, local, actor: DEVPI_ACTOR, clock, log })
  const follower = await DevpiFollower.open({ ledger, server, files, clock, log, cost, history })
  const relay = new WriteRelay(server.url, {
    connectTimeoutMs: config.upstreamConnectTimeout,
    stallTimeoutMs: LONGEST_WRITE_MS,
  })
  /** Ours are higher than devpi's: files that come in are changes here. */
  function following(): ReturnType<ReplicaFacts['following']> {
    const { applied, serial, uuid: primaryUuid, ...state } = follower.state
    const primarySerial = ledger.serial + Math.max(serial - applied, 0)
    return { ...state, primaryUuid, primarySerial, primarySerialAt: state.serialAt }
  }

  return {
    url: server.url,
    blobs: new DevpiBlobs(blobs, files),
    relaying: {
      ...{ ledger, relay, following, timeoutMs: config.proxyTimeout },
      onAnswer: () => follower.wake(),
      counts: {
        reaches: (serial, timeoutMs) => follower.reaches(serial, timeoutMs),
        here: () => follower.state.applied,
      },
    },
    mirrorPrimary: { ask: (question) => askAboutMirror(question, { server, follower, ledger }) },
    facts: {
      primaryUrl: server.url,
      primaryUuid: () => follower.state.uuid,
      following,
      devpi: () => ({ applied: follower.state.applied, serial: follower.state.serial }),
      blobs: () => ({
        ...{ behind: files.missing, owed: files.owedCount, fetched: files.fetched },
        ...{ leftOut: 0, blobs: 'all', filter: undefined },
      }),
      listOwed: (most) =>
        files.listOwed(most).map((one) => ({ ...one, path: `file/${one.path}`, digest: '' })),
    },
    start() {
      follower.start()
      void files.start().catch((error: unknown) => {
        log.error({ error }, 'the files that are to come could not be listed')
      })
    },
    async close() {
      await Promise.all([follower.close(), files.close()])
      await Promise.all([server.close(), relay.close()])
      history?.[Symbol.dispose]()
    },
  }
}

interface MirrorNeeds {
  readonly server: DevpiServer
  readonly follower: DevpiFollower
  readonly ledger: Ledger
}

type MirrorQuestion = Parameters<MirrorPrimary['ask']>[0]

/**
 * What mirrors of a replica ask their primary, asked of a devpi-server: it looks upstream when its page is asked for, and
 * what it finds comes with its changes.
 */
async function askAboutMirror(question: MirrorQuestion, { server, follower, ledger }: MirrorNeeds) {
  const [path = '', query = ''] = question.path.split('?')
  const [, user = '', name = '', project, filename] = path.split('/').map(decodeURIComponent)
  const index = `${user}/${name}`
  const { signal } = question
  const page = `${printed(user, name)}/+simple/`
  if (project === undefined) {
    return server.ask({ path: page, headers: { accept: PAGE, ...question.headers }, signal })
  }
  if (filename === undefined) return lookForPage()
  const entry = await ledger.read((tx) => tx.get(keys.file(index, project, filename)))
  if (entry) return askFor(`${index}/${fileFolder(entry)}/${filename}`)
  const wheel = filename.replace(/\.metadata$/, '')
  const ofWheel = await ledger.read((tx) => tx.get(keys.file(index, project, wheel)))
  if (!ofWheel) throw new UpstreamFailure(`${filename} is not known here`, { status: 404 })
  return askFor(`${index}/${fileFolder(ofWheel)}/${filename}`)

  function askFor(relpath: string) {
    return server.ask({ path: printed(...relpath.split('/')), signal })
  }

  async function lookForPage() {
    const isRefresh = new URLSearchParams(query).get('for') === 'refresh'
    const answer = await server.ask({
      path: `${page}${printed(project ?? '')}/`,
      headers: { accept: PAGE, ...(isRefresh && { 'cache-control': 'no-cache' }) },
      signal,
    })
    const { status } = answer
    const serial = Number(answer.header('x-devpi-serial') ?? -1)
    const isOld = /no-store/.test(answer.header('cache-control') ?? '')
    if (status !== 200 && status !== 404) {
      const said = (await text(answer.body)).slice(0, 300)
      throw new UpstreamFailure(`the devpi-server answers ${status}: ${said}`, { status })
    }
    answer.discard()
    if (!(await follower.reaches(serial, LONGEST_WAIT_MS))) {
      throw new UpstreamFailure(`what the devpi-server found for ${project} is not here yet`)
    }
    const standing = status === 404 ? 'missing' : isOld ? 'stale' : 'fresh'
    const told = JSON.stringify({ standing, serial: ledger.serial })
    return { ...answer, status: 200, body: Readable.from([told]) }
  }
}

const PAGE = 'application/vnd.pypi.simple.v1+json'

const printed = (...parts: readonly string[]): string =>
  parts.map((part) => encodeURIComponent(part).replaceAll('%2B', '+')).join('/')
