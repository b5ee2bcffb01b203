/** Status for programs: devpi's `+status`, and health for load balancers. */
import type { Roster } from '#base/crew'
import type { Identity } from '#base/identity'
import { json, text } from '#http/reply'
import { anyMethod, get, type Answer, type Call, type Route } from '#http/route'
import { isModifier, mayChangeIndex } from '#registry/access'
import { readableClaims } from '#mirror/claims'
import { keys } from '#registry/keys'
import type { Attached } from '#replication/feeds'
import type { SetAside } from '#replication/set-aside'
import type { SearchBacklog } from '#search/search'
import type { Parts } from './parts.ts'
import { replicaStatus } from './replica-status.ts'
import { asJson } from './views.ts'

/** Files that were missing at the promotion are named up to here; all are counted. */
const MOST_MISSING = 100
/** As many mirrors are listed; all are counted. */
const MOST_MIRRORS = 1000

export function statusRoutes(parts: Parts): Route[] {
  const { ledger, mirrors, search, clock, log, server, replication, reading } = parts
  let last = { serial: -1, at: 0 }
  return [
    anyMethod('/+status', asJson(showStatus)),
    get('/+health/live', () => text(200, 'ok\n')),
    get('/+health/ready', showReadiness),
  ]

  async function showStatus({ who }: Call): Promise<Answer> {
    await Promise.all([ledger.catchUp(), parts.heardOthers()])
    const claims = mirrors.listClaims()
    const limits = await reading.now()
    const mayKnow = await parts.upstreams.now(who)
    const readable = await parts.upstreams.mirrors(who)
    const { host, port } = server.address()
    const at = (await lastCommitAt()) / 1000
    const result = {
      // Paths of the machine are nobody's business.
      serverdir: '(not shown)',
      'server-code': '(not shown)',
      uuid: server.uuid,
      versioninfo: { 'devpi-server': DEVPI_VERSION, wheelyard: server.version },
      host,
      port,
      'outside-url': server.outsideUrl ?? null,
      serial: ledger.serial,
      'last-commit-timestamp': at,
      'event-serial': ledger.serial,
      'event-serial-timestamp': at,
      'event-serial-in-sync-at': clock.now() / 1000,
      metrics: searchMetrics(search.backlog()),
      upstreams: mirrors.listUnwell().filter(({ upstream }) => mayKnow(upstream)),
      // Names of own projects may tell much: only those who may change the stage see which.
      claimed_names: claims.filter(({ stage }) => mayChangeIndex(stage, who)),
      claimed_count: readableClaims(claims, (index) => limits.mayRead(index, who)).length,
      coverage: readable.slice(0, MOST_MIRRORS).map((index) => mirrors.coverage(index)),
      mirror_count: readable.length,
      workers: describeWorkers(await parts.workers(), who),
      role: 'MASTER',
      replaced: await describeFence(),
      'missing-since-promotion': replication.missing(),
      'missing-files': replication
        .listMissing()
        .slice(0, MOST_MISSING)
        .map(({ neededBy }) => neededBy)
        .filter((path) => limits.mayRead(path.split('/').slice(1, 3).join('/'), who)),
      'set-aside': (await replication.listSetAside()).map(describeSetAside),
      polling_replicas: Object.fromEntries(replication.feeds.list().map(describeReplica)),
      ...replicaStatus(parts, {
        mayRead: (index) => limits.mayRead(index, who),
        isModifier: isModifier(who),
      }),
    }
    return json(200, { result, type: 'status' })
  }

  async function describeFence(): Promise<Record<string, unknown> | null> {
    const fence = await ledger.fence()
    if (!fence) return null
    const { epoch, by = null, url = null, at, lateFrom } = fence
    return {
      epoch,
      by,
      url,
      since: at / 1000,
      late:
        lateFrom === undefined ? null : { from: lateFrom, changes: ledger.serial + 1 - lateFrom },
    }
  }

  /** Milliseconds. A change is read once, however often the status is asked for. */
  async function lastCommitAt(): Promise<number> {
    const { serial } = ledger
    if (last.serial !== serial) last = { serial, at: (await ledger.change(serial))?.at ?? 0 }
    return last.at
  }

  /** Ready: the ledger can be read, and a new replica has begun to have something in it. */
  async function showReadiness(): Promise<Answer> {
    try {
      if (replication.replica && ledger.serial < 0) {
        return text(503, 'nothing has come from the primary yet\n')
      }
      await ledger.read((tx) => tx.get(keys.user('root')))
      return text(200, 'ok\n')
    } catch (error) {
      log.error({ error }, 'not ready: the ledger cannot be read')
      return text(503, 'the ledger cannot be read\n')
    }
  }
}

/** `null` where the server is one process. Process ids are for who is logged in, as all that is of the machine. */
function describeWorkers(
  roster: Roster | undefined,
  { user }: Identity,
): Record<string, unknown> | null {
  if (!roster) return null
  const processes = roster.workers.map(({ number, pid, state, isLeader, upMs }) => {
    const known = { number, state, 'is-leader': isLeader, uptime: upMs / 1000 }
    return user === undefined ? known : { ...known, pid: pid ?? null }
  })
  return { count: roster.count, processes }
}

/** In devpi's words (devpi-replication 9.2). */
const describeReplica = ({ uuid, address, serial, isAttached, since, outsideUrl }: Attached) => [
  uuid,
  {
    'remote-ip': address,
    serial,
    'in-request': isAttached,
    'is-streaming': isAttached,
    'last-request': since / 1000,
    'outside-url': outsideUrl ?? null,
  },
]

/** How much, and not what: the folder has that. */
const describeSetAside = ({ from, to, epoch, files, missing, setAsideAt }: SetAside) => ({
  ...{ from, to, epoch, files, missing: missing.length, at: setAsideAt / 1000 },
})

/** Under the names of devpi-web, which tools wait by. */
const searchMetrics = ({ changes, failed }: SearchBacklog): [string, 'gauge', number][] => [
  ['devpi_web_whoosh_index_queue_size', 'gauge', changes],
  ['devpi_web_whoosh_index_error_queue_size', 'gauge', failed],
]

/** The devpi-server whose API this is. */
export const DEVPI_VERSION = '6.20.3'
