/** The model of the template `status`: how the server is. */
import type { Ledger } from '#ledger/ledger'
import { readableClaims } from '#mirror/claims'
import type { Mirrors } from '#mirror/mirrors'
import type { Clock } from '#base/clock'
import type { Roster } from '#base/crew'
import type { Identity } from '#base/identity'
import type { Call } from '#http/route'
import type { KnownUpstreams } from '#mirror/known-upstreams'
import { mayChangeIndex } from '#registry/access'
import type { Reading } from '#registry/reading'
import type { Addresses } from '../addresses.ts'
import type { Disk, Health, HealthCheck } from '../health.ts'
import type { ReplicaFiles, WebServerFacts } from '../parts.ts'
import { addressOfPage, cutPage, pageNumber, pagingOf, type Paging } from './paging.ts'

export interface StatusView {
  readonly health: Health
  readonly version: string
  readonly devpiVersion: string
  readonly uuid: string
  readonly outsideUrl: string | undefined
  readonly role: 'primary' | 'replica'
  /** Of a replica. */
  readonly replicaFiles: ReplicaFiles | undefined
  readonly serial: number
  /** Milliseconds. */
  readonly lastChangeAt: number | undefined
  readonly changesAddress: string
  /** Those of this page that the reader may read, by name. */
  readonly mirrors: readonly MirrorLine[]
  readonly mirrorCount: number
  readonly paging: Paging
  /** Undefined where the server is one process. */
  readonly workers: WorkersView | undefined
  /** How many names an upstream offers that a stage has, as far as the reader may know. */
  readonly claimCount: number
  /** Of stages that the reader may change. */
  readonly claims: readonly {
    readonly project: string
    readonly stage: string
    readonly mirror: string
    readonly since: string
    readonly address: string
  }[]
  /** For who is logged in. */
  readonly disk: Disk | undefined
}

export interface WorkersView {
  /** How many there are to be. */
  readonly count: number
  readonly serving: number
  readonly lines: readonly WorkerLine[]
  /** For who is logged in. */
  readonly isPidShown: boolean
}

export interface WorkerLine {
  readonly number: number
  readonly pid: number | undefined
  readonly state: 'starting' | 'serving' | 'retiring'
  /** It does what only one of them does. */
  readonly isLeader: boolean
  /** Milliseconds. */
  readonly since: number
}

export interface MirrorLine {
  readonly index: string
  readonly address: string
  /** How many links were shown since the server started. */
  readonly links: number
  /** Of them, as percentages; undefined where none were shown. */
  readonly coverage: readonly { readonly title: string; readonly percent: number | undefined }[]
}

export interface StatusNeeds {
  readonly ledger: Ledger
  readonly mirrors: Mirrors
  readonly health: HealthCheck
  readonly server: WebServerFacts
  readonly reading: Reading
  readonly upstreams: KnownUpstreams
  readonly clock: Clock
  readonly workers: () => Promise<Roster | undefined>
}

export async function viewStatus(
  { ledger, mirrors, health, server, reading, upstreams, clock, workers }: StatusNeeds,
  { who, query }: Pick<Call, 'who' | 'query'>,
  addresses: Addresses,
): Promise<StatusView> {
  const disk = await health.look()
  const claims = mirrors.listClaims()
  const limits = await reading.now()
  const readable = await upstreams.mirrors(who)
  const cut = cutPage(pageNumber(query), readable.length)
  const shown = readable.slice(cut.start, cut.end).map((index) => mirrors.coverage(index))
  return {
    health: await health.tell(who),
    version: server.version,
    devpiVersion: server.devpiVersion,
    uuid: server.uuid,
    outsideUrl: server.outsideUrl,
    role: server.role,
    replicaFiles: server.replicaFiles(),
    serial: ledger.serial,
    changesAddress: addresses.changes(),
    lastChangeAt: (await ledger.change(ledger.serial))?.at,
    mirrors: shown.map(({ index, links, fractions }) => ({
      index,
      address: addresses.index(index),
      links,
      coverage: [
        { title: 'metadata', percent: percent(fractions.metadata) },
        { title: 'size', percent: percent(fractions.size) },
        { title: 'upload time', percent: percent(fractions.upload_time) },
      ],
    })),
    mirrorCount: readable.length,
    paging: pagingOf(cut, addressOfPage(addresses.at('+status'))),
    workers: viewWorkers(await workers(), who, clock.now()),
    claimCount: readableClaims(claims, (index) => limits.mayRead(index, who)).length,
    claims: claims
      .filter(({ stage }) => mayChangeIndex(stage, who))
      .map(({ project, stage, mirror, since }) => {
        return { project, stage, mirror, since, address: addresses.explain(stage, project) }
      }),
    disk: who.user === undefined ? undefined : disk,
  }
}

function viewWorkers(
  roster: Roster | undefined,
  { user }: Identity,
  now: number,
): WorkersView | undefined {
  if (!roster) return undefined
  return {
    count: roster.count,
    serving: roster.workers.filter(({ state }) => state === 'serving').length,
    lines: roster.workers.map(({ number, pid, state, isLeader, upMs }) => {
      return {
        number,
        pid: user === undefined ? undefined : pid,
        state,
        isLeader,
        since: now - upMs,
      }
    }),
    isPidShown: user !== undefined,
  }
}

const percent = (fraction: number | null): number | undefined =>
  fraction === null ? undefined : Math.round(fraction * 1000) / 10
