/** Metrics of what a process does for requests: what was at hand, what was shared, what it takes of the machine. */
import type { Metric } from '#base/metric'
import type { Parts } from './parts.ts'

type Value = readonly [labels: Readonly<Record<string, string>>, value: number]

const counter = (name: string, help: string, ...values: readonly Value[]): Metric => ({
  ...{ name, help, type: 'counter' },
  samples: values.map(([labels, value]) => ({ labels, value })),
})

const gauge = (name: string, help: string, ...values: readonly Value[]): Metric => ({
  ...counter(name, help, ...values),
  type: 'gauge',
})

/** `flights`: of what many ask for at once. */
export function workMetrics(
  { pages, smallBlobs, ledger }: Pick<Parts, 'pages' | 'smallBlobs' | 'ledger'>,
  flights: { readonly runs: number; readonly waits: number },
): Metric[] {
  const { writes, commits } = ledger.writeCounts
  const of = (cache: string): { cache: string } => ({ cache })
  return [
    counter(
      'cache_hits_total',
      'What was in memory when it was asked for.',
      [of('pages'), pages.counts.hits],
      [of('files'), smallBlobs.counts.hits],
    ),
    counter(
      'cache_misses_total',
      'What had to be made or read first.',
      [of('pages'), pages.counts.misses],
      [of('files'), smallBlobs.counts.misses],
    ),
    {
      ...gauge(
        'cache_bytes',
        'Memory that is taken.',
        [of('pages'), pages.size],
        [of('files'), smallBlobs.size],
      ),
      addsUp: true,
    },
    counter(
      'shared_runs_total',
      'Work that others who ask meanwhile wait for: pages, looks upstream and the like.',
      [{ of: 'pages' }, pages.counts.misses],
      [{ of: 'other' }, flights.runs],
    ),
    counter(
      'shared_waits_total',
      'Times that somebody waited for such work instead of doing it again.',
      [{ of: 'pages' }, pages.counts.waits],
      [{ of: 'other' }, flights.waits],
    ),
    counter('ledger_writes_total', 'Writes that were asked for.', [{}, writes]),
    counter('ledger_commits_total', 'Durable commits that they shared.', [{}, commits]),
  ]
}

export function processMetrics({ lag }: Pick<Parts, 'lag'>): Metric[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  const { median, p99, most } = lag.read()
  const lags: readonly Value[] = [
    [{ quantile: '0.5' }, median],
    [{ quantile: '0.99' }, p99],
    [{ quantile: '1' }, most],
  ]
  return [
    gauge('event_loop_lag_seconds', 'How late timers were in the last minutes.', ...lags),
    counter('process_cpu_seconds_total', 'Processor time.', [{}, (user + system) / 1e6]),
    {
      ...gauge('process_resident_memory_bytes', 'Memory of the process.', [{}, rss]),
      addsUp: true,
    },
    {
      ...gauge('process_heap_bytes', "Of the engine's heap, in use.", [{}, heapUsed]),
      addsUp: true,
    },
    gauge('process_uptime_seconds', 'Since the process began.', [{}, process.uptime()]),
  ]
}
