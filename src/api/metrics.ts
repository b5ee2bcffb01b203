/** What the server measures of itself, in the text format that Prometheus reads. */
import { flightCounts } from '#base/single-flight'
import { mergeMetrics, type Metric, type Sample } from '#base/metric'
import { text } from '#http/reply'
import { get, type Answer, type Call, type Route } from '#http/route'
import type { MirrorCoverage } from '#mirror/mirrors'
import { processMetrics, workMetrics } from './metrics-of-work.ts'
import type { Parts } from './parts.ts'
import { lagOf } from './replica-status.ts'

const TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export function metricsRoutes(parts: Parts): Route[] {
  return [get('/+metrics', showMetrics)]

  async function showMetrics({ who }: Call): Promise<Answer> {
    await parts.ledger.catchUp()
    const mayRead = (await parts.reading.seenBy(who)) ?? (() => true)
    const mayKnow = await parts.upstreams.now(who)
    const merged = mergeMetrics([ownMetrics(parts), ...(await parts.metricsOfOthers())])
    const isTold = ({ labels: { index, upstream } = {} }: Sample): boolean =>
      (!index || mayRead(index)) && (!upstream || mayKnow(upstream))
    const body = printMetrics(
      merged.map((metric) => ({
        ...metric,
        samples: metric.samples.filter(isTold),
      })),
    )
    return text(200, body, { 'Content-Type': TYPE, 'Cache-Control': 'no-store' })
  }
}

/** What this process has to tell, of all indexes. */
export function ownMetrics(parts: Parts): Metric[] {
  return [
    ...ledgerMetrics(parts),
    ...searchMetrics(parts),
    ...mirrorMetrics(parts),
    ...replicationMetrics(parts),
    ...workMetrics(parts, flightCounts),
    ...processMetrics(parts),
    ...parts.measures.take(),
  ]
}

const ledgerMetrics = ({ ledger }: Parts): Metric[] => [
  {
    name: 'ledger_serial',
    type: 'gauge',
    help: 'The serial of the last change.',
    samples: [{ value: ledger.serial }],
  },
]

function searchMetrics({ search }: Parts): Metric[] {
  const { changes, failed } = search.backlog()
  return [
    {
      name: 'search_waiting_changes',
      type: 'gauge',
      help: 'Changes that may not be searchable yet.',
      samples: [{ value: changes }],
    },
    {
      name: 'search_failed_projects',
      type: 'gauge',
      help: 'Projects that could not be indexed, and are tried again.',
      samples: [{ value: failed }],
    },
  ]
}

function replicationMetrics({ replication, ledger, clock }: Parts): Metric[] {
  const { feeds, replica } = replication
  const gauge = (name: string, help: string, value: number): Metric => {
    return { name: `replication_${name}`, type: 'gauge', help, samples: [{ value }] }
  }
  const known = feeds.list()
  const attached = known.filter(({ isAttached }) => isAttached).length
  const ofPrimary: Metric[] = [
    gauge('replicas', 'Replicas that are attached.', attached),
    {
      name: 'replication_replica_lag_changes',
      type: 'gauge',
      help: 'Changes that a replica has not been sent, also one that was there within a day and is gone.',
      samples: known.map(({ uuid, serial }) => ({
        labels: { replica: uuid },
        value: Math.max(ledger.serial - serial, 0),
      })),
    },
  ]
  if (!replica) return ofPrimary
  const following = replica.following()
  const behind = Math.max(following.primarySerial - ledger.serial, 0)
  const blobs = replica.blobs()
  return [
    ...ofPrimary,
    gauge('connected', 'Whether the primary is followed now.', Number(following.isConnected)),
    gauge('lag_changes', 'Changes of the primary that are known of and not here.', behind),
    gauge(
      'lag_seconds',
      'How long ago all that the primary had was here.',
      lagOf(following, behind, clock.now()) / 1000,
    ),
    gauge('blob_lag_changes', 'Changes whose blobs may not all be here.', blobs.behind),
    gauge('blobs_missing', 'Blobs that could not be had, and are tried again.', blobs.owed),
    gauge(
      'left_out_entries',
      'Files and the like that are left to be got when asked for.',
      blobs.leftOut,
    ),
  ]
}

function mirrorMetrics({ mirrors }: Parts): Metric[] {
  const coverages = mirrors.listCoverage()
  const has = ['metadata', 'metadata_known', 'size', 'upload_time'] as const
  const samples = (of: (one: MirrorCoverage) => number): Sample[] =>
    coverages.map((one) => ({ labels: { index: one.index }, value: of(one) }))
  return [
    {
      name: 'mirror_links',
      type: 'gauge',
      help: "Links of a mirror's files on the pages last made.",
      samples: samples(({ links }) => links),
    },
    {
      name: 'mirror_wheels',
      type: 'gauge',
      help: 'Those of wheels.',
      samples: samples(({ wheels }) => wheels),
    },
    {
      name: 'mirror_links_with',
      type: 'gauge',
      help: 'Those that had core metadata, core metadata known by its hash, a size, an upload time.',
      samples: coverages.flatMap((one) =>
        has.map((what) => ({ labels: { index: one.index, has: what }, value: one[what] })),
      ),
    },
    {
      name: 'upstream_failures',
      type: 'gauge',
      help: 'Failures in a row of upstreams that failed when they were last asked.',
      samples: mirrors
        .listUnwell()
        .map(({ upstream, failures }) => ({ labels: { upstream }, value: failures })),
    },
  ]
}

/** A metric without samples is printed with its help alone. */
export function printMetrics(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, type, help, samples }) => [
      `# HELP wheelyard_${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE wheelyard_${name} ${type}`,
      ...samples.map(
        ({ labels, suffix = '', value }) =>
          `wheelyard_${name}${suffix}${printLabels(labels)} ${value}`,
      ),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function printLabels(labels: Sample['labels'] = {}): string {
  const printed = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`)
  return printed.length === 0 ? '' : `{${printed.join(',')}}`
}

const escape = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
