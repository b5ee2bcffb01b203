/** What a load costs the server that bears it: processor time and memory of all of its processes. */
import { median, type Load } from './figure.ts'
import { forgetHighest, highestMemory, listFamily, wholeProcessorTime } from './memory.ts'

/** What the client's side of a load has seen. */
export interface Answered {
  readonly answers: number
  /** Answers, or megabytes where those are what counts. */
  readonly perSecond: number
  /** Milliseconds of the median answer. */
  readonly median?: number
  readonly p99?: number
}

/** `pids`: each stands for all below it too. */
export async function loadOf(
  pids: readonly number[],
  work: () => Promise<Answered>,
): Promise<Load> {
  const family = [...new Set((await Promise.all(pids.map(listFamily))).flat())]
  await Promise.all(family.map((one) => forgetHighest(one).catch(() => {})))
  const before = await Promise.all(family.map(wholeProcessorTime))
  const { answers, ...seen } = await work()
  const after = await Promise.all(family.map(wholeProcessorTime))
  const spent = after.map((ms, at) => Math.max(0, ms - (before[at] ?? 0)))
  const cpuSeconds = spent.reduce((sum, ms) => sum + ms, 0) / 1000
  return {
    ...seen,
    cpuPer1000: (cpuSeconds / answers) * 1000,
    memory: await sumOf(family, highestMemory),
  }
}

/** Processes that have ended meanwhile, such as that of the search index, count nothing. */
async function sumOf(
  pids: readonly number[],
  measure: (pid: number) => Promise<number>,
): Promise<number> {
  const values = await Promise.all(
    pids.map(async (pid) => (await measure(pid).catch(() => 0)) || 0),
  )
  return values.reduce((sum, value) => sum + value, 0)
}

/** The medians of several rounds. */
export function medianLoad(rounds: readonly Load[]): Load {
  const of = (pick: (load: Load) => number | undefined): number | undefined => {
    const values = rounds.map(pick).filter((value) => value !== undefined)
    return values.length > 0 ? median(values) : undefined
  }
  return {
    perSecond: of((load) => load.perSecond) ?? NaN,
    median: of((load) => load.median),
    p99: of((load) => load.p99),
    cpuPer1000: of((load) => load.cpuPer1000) ?? NaN,
    // The memory of a process that has grown stays with it.
    memory: Math.max(...rounds.map((load) => load.memory)),
  }
}

/** The value below which so many of 100 lie. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN
}
