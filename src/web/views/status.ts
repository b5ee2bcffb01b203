/** The model of the template `status`: how the server is. */
import type { Ledger } from '#ledger/ledger'
import { readableClaims } from '#mirror/claims'
import type { Mirrors } from '#mirror/mirrors'
import type { Identity } from '#base/identity'
import { mayChangeIndex } from '#registry/access'
import type { Reading } from '#registry/reading'
import type { Addresses } from '../addresses.ts'
import type { Disk, Health, HealthCheck } from '../health.ts'
import type { ReplicaFiles, WebServerFacts } from '../parts.ts'

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
  readonly mirrors: readonly MirrorLine[]
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

export interface MirrorLine {
  readonly index: string
  readonly address: string
  /** How many links were shown. */
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
}

export async function viewStatus(
  { ledger, mirrors, health, server, reading }: StatusNeeds,
  who: Identity,
  addresses: Addresses,
): Promise<StatusView> {
  const disk = await health.look()
  const claims = mirrors.listClaims()
  const limits = await reading.now()
  const readable = mirrors.listCoverage().filter(({ index }) => limits.mayRead(index, who))
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
    mirrors: readable.map(({ index, links, fractions }) => ({
      index,
      address: addresses.index(index),
      links,
      coverage: [
        { title: 'metadata', percent: percent(fractions.metadata) },
        { title: 'size', percent: percent(fractions.size) },
        { title: 'upload time', percent: percent(fractions.upload_time) },
      ],
    })),
    claimCount: readableClaims(claims, (index) => limits.mayRead(index, who)).length,
    claims: claims
      .filter(({ stage }) => mayChangeIndex(stage, who))
      .map(({ project, stage, mirror, since }) => {
        return { project, stage, mirror, since, address: addresses.explain(stage, project) }
      }),
    disk: who.user === undefined ? undefined : disk,
  }
}

const percent = (fraction: number | null): number | undefined =>
  fraction === null ? undefined : Math.round(fraction * 1000) / 10
