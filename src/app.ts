/** Builds the server from its layers: the only file that knows them all. */
import { join } from 'node:path'
import { apiRoutes } from '#api/routes'
import { ownMetrics } from '#api/metrics'
import type { Parts } from '#api/parts'
import { whileFilling } from '#api/filling'
import { isXml } from '#api/xml-answer'
import { guardReading } from '#api/guard-reading'
import { refuseWrites, relayWrites } from '#api/relay'
import { relayToDevpi } from '#api/relay-devpi'
import { RehearsalLog } from '#api/rehearsal-log'
import { anonymous, type Identity } from '#base/identity'
import { systemClock, type Clock } from '#base/clock'
import { soleCrew, type Crew, type Stop } from '#base/crew'
import { createLog, type Log } from '#base/log'
import { LoopLag } from '#base/loop-lag'
import { Measures } from '#base/measures'
import type { Metric } from '#base/metric'
import { readSigningSecret } from '#base/signing-secret'
import { openNodeFile } from '#base/node-file'
import type { BlobStore } from '#blobs/blob-store'
import { SmallBlobs } from '#blobs/small-blobs'
import { findExposed, type Config } from '#config'
import { listenPlaces, trustedProxy } from '#config-places'
import { fenced } from '#ledger/ledger'
import type { Route } from '#http/route'
import { RequestMeasures } from '#http/request-measures'
import { createServer, type CloseBounds, type Server } from '#http/server'
import type { Fence } from '#ledger/fence'
import { Readmes } from '#readme/readme'
import { restrictModify } from '#registry/access'
import { DocsPages } from '#registry/docs-pages'
import type { Hooks, RunningHook } from '#registry/hooks'
import { Policies } from '#registry/policies'
import { Logins } from '#registry/identify'
import { IndexGraph } from '#registry/index-graph'
import { KnownUpstreams } from '#mirror/known-upstreams'
import { Reading } from '#registry/reading'
import { startIndexFollower } from '#registry/index-followers'
import { finishRemovals } from '#registry/index-removal'
import { Publisher } from '#publish/publisher'
import { PasswordCheck } from '#registry/passwords'
import { TokenSigner } from '#registry/tokens'
import { Feeds } from '#replication/feeds'
import type { Membership } from '#replication/membership'
import { ReplicaTokens } from '#replication/replica-tokens'
import { listSetAside } from '#replication/set-aside'
import type { SearchIndex } from '#search/search'
import { PageCache } from '#simple/page-cache'
import { Drawings } from '#web/drawings'
import { prefersPage } from '#web/prefers-page'
import { createWeb } from '#web/routes'
import { VERSION } from '#version'
import { assertNotDevpi, assertRootClosed, prepare, type Machine } from './app-beginning.ts'
import {
  assertMayFollow,
  DEVPI_ACTOR,
  openDevpi,
  openDevpiLogins,
  tellMissing,
  type DevpiPlace,
} from './app-devpi.ts'
import { devpiHeaders } from './app-headers.ts'
import { assertWhole, finishMark } from './app-moving.ts'
import { openReplica, type Replica } from './app-replica.ts'
import { joinGroup } from './app-group.ts'
import { takeRole } from './app-role.ts'
import { openHooks, runWhereLeading, startHooks } from './app-hooks.ts'
import { openDownloads, openMirrors, openSearch } from './app-services.ts'
import { openServedStore, type Store } from './app-store.ts'
import { docsHost, webParts } from './app-web.ts'

export interface App {
  /** `http://127.0.0.1:3141/`, or `unix:/run/yard.sock` */
  readonly url: string
  /** Of all places where it listens; `url` is the first. */
  readonly urls: readonly string[]
  /** Where it listens, if it does so on a port: the one that was free, where 0 was set. */
  readonly port: number
  /** The server itself, for requests without a socket. */
  readonly server: Server
  readonly store: Store
  readonly search: SearchIndex
  /** What is wrong with the theme, as far as pages were printed with it. */
  listThemeProblems(): readonly string[]
  /** Does ahead what the first who ask for a page would wait for; in turns with requests. */
  prepare(): Promise<void>
  /**
   * Resolves when the folder has become another server's than this one is: a replica's that was promoted, say. Then it
   * is to be closed, and started again.
   */
  readonly hasNewRole: Promise<void>
  /** Lets running requests finish, within bounds, and closes everything. */
  close(bounds?: CloseBounds): Promise<void>
}

/** Times between looks for commits of other processes, for those who follow without being asked. */
const WATCH_MS = 1000

/** Told to the other workers. */
const COMMITTED = 'committed'

/** A server that is given a large file may look at it for long before it answers. */
const PUBLISH_STALL_MS = 120_000

/** Temporary files older than this are of a process that died. */
const LEFTOVER_MS = 24 * 3_600_000

/** What may be had otherwise than on a user's machine. */
export interface Choices {
  /** Beside those in the box and of plugins. */
  readonly hooks?: Partial<Hooks>
  readonly clock?: Clock
  /** The devpi-server that is followed. */
  readonly devpi?: DevpiPlace | undefined
  /** The processes of which this one is a worker. */
  readonly crew?: Crew
}

export async function startApp(
  given: Config,
  machine: Machine,
  { hooks = {}, clock = systemClock, devpi, crew = soleCrew }: Choices = {},
): Promise<App> {
  const log = createLog({ level: given.logLevel, worker: crew.number })
  assertNotDevpi(given.dir)
  // Who follows goes on with the half that is here.
  if (devpi) await finishMark(given.dir)
  else await assertWhole(given.dir)
  const { secretFile } = given
  const secret = secretFile === undefined ? undefined : await readSigningSecret(secretFile)
  const primaryUrl = await takeRole(given, { log, secret })
  const config = { ...given, primaryUrl }
  const store = await openServedStore(config, {
    soleWriter: devpi && DEVPI_ACTOR,
    onCommit: () => crew.cast(COMMITTED, {}),
  })
  // A request looks for itself; this is for those who wait to be told.
  crew.onCast(COMMITTED, () => void store.ledger.tryCatchUp())
  try {
    const fence = await store.ledger.fence()
    const { promise: ready, resolve: tellReady } = Promise.withResolvers<void>()
    if (devpi) await assertMayFollow(config.dir, store.ledger)
    else if (primaryUrl === undefined && !fence) {
      await prepare(config, store.ledger, { machine, log, ready })
    } else await assertRootClosed(config, store.ledger)
    const all = await openHooks(config, hooks)
    const made = { log, secret, fence, hooks: all, clock, devpi, crew }
    const app = await assemble(config, store, made)
    tellReady()
    return app
  } catch (error) {
    await store.close()
    throw error
  }
}

interface Made {
  readonly log: Log
  /** What logins are signed with, unless the data folder's own does. */
  readonly secret: Uint8Array | undefined
  /** Another server was promoted in the place of this one. */
  readonly fence: Fence | undefined
  readonly hooks: Hooks
  readonly clock: Clock
  readonly devpi: DevpiPlace | undefined
  readonly crew: Crew
}

async function assemble(config: Config, store: Store, made: Made): Promise<App> {
  const { log, secret, fence, hooks, clock, crew } = made
  const { ledger } = store
  const node = await openNodeFile(config.dir)
  const tokens = secret && new ReplicaTokens(secret, clock)
  const needs = { uuid: node.uuid, log, clock }
  const feeds = new Feeds({ ledger, clock, crew, uuid: node.uuid })
  const devpi =
    made.devpi && secret && (await openDevpi(config, made.devpi, { ...store, ...needs, secret }))
  const membership = (): Membership => group.membership
  const replica = devpi
    ? undefined
    : await findReplica(config, store, { tokens, membership, crew, ...needs })
  const group = await joinGroup(config, {
    ...{ ledger, blobs: store.blobs, feeds, tokens, fence, replica, ...needs },
    onReplaced: () => feeds.close(),
  })
  const followed = devpi ?? replica
  const blobs = followed?.blobs ?? store.blobs
  const onNames = (): void => search.lookAtNames()
  const primary = followed?.mirrorPrimary ?? group.mirrorPrimary
  const measures = new Measures()
  const mirrors = await openMirrors(
    config,
    { ledger, blobs },
    { log, clock, onNames, primary, measures, crew },
  )
  const policies = new Policies(hooks.filterLinks, clock)
  const search = openSearch(config, { ledger, policies, mirrors, crew, log })
  const downloads = openDownloads(config)
  const rehearsal = RehearsalLog.open(join(config.dir, 'local', 'rehearsal.sqlite'))
  const publisher = new Publisher({
    blobs,
    settings: {
      connectTimeoutMs: config.upstreamConnectTimeout,
      stallTimeoutMs: PUBLISH_STALL_MS,
      userAgent: `wheelyard/${VERSION}`,
    },
  })
  const pages = new PageCache(ledger, config.pageCacheSize)
  const indexGraph = new IndexGraph(ledger)
  const reading = new Reading(indexGraph)
  const upstreams = new KnownUpstreams({ graph: indexGraph, reading, askers: mirrors.askers })
  const logins = new Logins({
    ledger,
    passwords: new PasswordCheck(),
    tokens: new TokenSigner(secret ?? node.secret),
    foreign: await openDevpiLogins(ledger, made.devpi, { secret, clock }),
    hooks,
    log,
    clock,
    lifetimeMs: config.loginExpiry,
  })
  const restrict = restrictModify(config.restrictModify)
  let listening = { host: config.host, port: config.port }
  const parts: Parts = {
    ledger,
    blobs,
    smallBlobs: new SmallBlobs(blobs, config.fileCacheSize),
    docs: new DocsPages(blobs),
    mirrors,
    upstreams,
    publisher,
    pages,
    policies,
    indexGraph,
    reading,
    rehearsal,
    search,
    downloads,
    logins,
    replication: {
      ...{ feeds, tokens, replica: followed?.facts, membership: group.membership },
      listSetAside: () => listSetAside(config.dir),
      missing: () => group.missing(),
      listMissing: () => group.listMissing(),
    },
    measures,
    lag: new LoopLag(),
    workers: () => crew.roster(),
    heardOthers: () => crew.gather(NOTHING),
    metricsOfOthers: () => crew.gather(METRICS) as Promise<Metric[][]>,
    clock,
    log,
    server: {
      version: VERSION,
      uuid: node.uuid,
      outsideUrl: config.outsideUrl,
      docsUrl: config.docsUrl,
      isExposed: findExposed(config) !== undefined,
      sendFile: config.sendFile,
      absoluteUrls: config.absoluteUrls,
      pushHosts: config.pushHosts,
      authcheckLogin: config.authcheckLogin,
      maxUploadSize: atMost(config.maxUploadSize, config.maxRequestBodySize),
      maxBodySize: atMost(MAX_JSON_BYTES, config.maxRequestBodySize),
      address: () => listening,
    },
  }
  crew.onGather(METRICS, () => ownMetrics(parts))
  const readmes = new Readmes({ log })
  const drawings = new Drawings(indexGraph, log)
  const theme = { place: config.theme, offered: hooks.themes, reloads: config.themeReload }
  const web = createWeb(webParts(parts, { readmes, drawings, theme, fence, folder: config.dir }))
  const routes = guardReading(web.withPages(apiRoutes(parts, web.pages)), reading, {
    hides: (call) => prefersPage(call) && !isXml(call),
  })
  const server = createServer({
    routes: withWrites(routes),
    errorPage: (call, told) => web.errorPage(call, told),
    identify: (credentials) =>
      credentials ? logins.identify(credentials).then(restrict) : restrict(anonymous),
    secret: secret ?? node.secret,
    commonHeaders: devpiHeaders(ledger, node.uuid, () =>
      followed ? (followed.facts.primaryUuid() ?? '') : node.uuid,
    ),
    outsideUrl: config.outsideUrl,
    secondHost: docsHost(parts),
    trustedProxy: trustedProxy(config),
    log,
    maxJsonBody: atMost(MAX_JSON_BYTES, config.maxRequestBodySize),
    measures: new RequestMeasures(measures),
    slowMs: config.slowRequest,
    tellsTiming: tellsTiming(config.serverTiming),
    drainTimeoutMs: config.drainTimeout,
  })
  function withWrites(routes: Route[]): Route[] {
    const all = followed ? whileFilling(routes, ledger, followed.facts) : routes
    if (replica) return relayWrites(all, replica.relaying)
    if (devpi) return relayToDevpi(all, devpi.relaying, devpi.url)
    return fence ? refuseWrites(all, () => fenced(fence)) : all
  }
  const stopWatch = ledger.watch(WATCH_MS)
  void clearLeftovers(blobs, log)
  if (followed) {
    followed.start()
  } else if (!fence) {
    void tellMissing(ledger, log).catch((error: unknown) => {
      log.error({ error }, 'what never came from devpi could not be listed')
    })
    void finishRemovals(ledger).catch((error: unknown) => {
      log.error({ error }, 'what a removed index held could not be removed')
    })
  }

  let running: readonly RunningHook[] = []
  let unlead: Stop | undefined

  async function close(bounds: CloseBounds = {}): Promise<void> {
    feeds.close()
    await server.close(bounds)
    await unlead?.()
    await Promise.all(running.map((hook) => hook.close()))
    stopWatch()
    parts.lag.close()
    pages.close()
    await drawings.close()
    indexGraph.close()
    await search.close()
    await mirrors.close()
    await publisher.close()
    readmes.close()
    rehearsal.close()
    downloads.close()
    await group.close()
    await followed?.close()
    await store.close()
    log.flush()
  }

  try {
    running = await startHooks(hooks, config, log)
    const followers = { ledger, folder: join(config.dir, 'local', 'followers'), log, clock }
    for (const follower of hooks.indexChanged) {
      const start = (): Promise<RunningHook> => startIndexFollower(follower, followers)
      running = [...running, await runWhereLeading(start, { crew, log })]
    }
    const { addresses } = await server.listen(...listenPlaces(config))
    drawings.prepare()
    const urls = addresses.map((address) => (isUnix(address) ? address : `${address}/`))
    const [url = ''] = urls
    if (!isUnix(url)) listening = { host: config.host, port: Number(new URL(url).port) || 80 }
    const listThemeProblems = (): readonly string[] => web.listThemeProblems()
    // Whoever prints a template that cannot be read meets the error, too.
    const prepare = (): Promise<void> =>
      web.prepare().catch((error: unknown) => log.warn({ error }, 'a template cannot be read'))
    const { hasNewRole } = group
    unlead = crew.lead(() => {
      group.start()
      return async () => {} // what it tells others, and gets, is the same from two
    })
    const { port } = listening
    return { url, urls, port, server, store, search, listThemeProblems, prepare, hasNewRole, close }
  } catch (error) {
    await close().catch(() => undefined) // the first error is the one to tell
    throw error
  }
}

/** Undefined for a server that follows nobody. */
async function findReplica(
  config: Config,
  { ledger, blobs }: Store,
  {
    tokens,
    ...needs
  }: { tokens: ReplicaTokens | undefined } & Pick<Parts, 'log' | 'clock'> & {
      uuid: string
      membership: () => Membership
      crew: Crew
    },
): Promise<Replica | undefined> {
  const { primaryUrl } = config
  if (primaryUrl === undefined || !tokens) return undefined
  return openReplica(config, primaryUrl, { ledger, blobs, tokens, ...needs })
}

/** Root is whoever looks after the server. */
function tellsTiming(whom: Config['serverTiming']): (who: Identity) => boolean {
  if (whom === 'everybody') return () => true
  return whom === 'nobody' ? () => false : ({ user }) => user === 'root'
}

/** What a worker asks the others for. */
const METRICS = 'metrics'
/** Whoever answers has told before what it had to tell. */
const NOTHING = ''

const isUnix = (address: string): boolean => address.startsWith('unix:')

const MAX_JSON_BYTES = 8 * 1024 * 1024

const atMost = (bytes: number, limit: number | undefined): number => Math.min(bytes, limit ?? bytes)

async function clearLeftovers(blobs: BlobStore, log: Log): Promise<void> {
  try {
    const count = await blobs.clearStaging(LEFTOVER_MS)
    if (count > 0) log.info({ count }, 'removed temporary files of a process that died')
  } catch (error) {
    log.warn({ error }, 'could not remove old temporary files')
  }
}
