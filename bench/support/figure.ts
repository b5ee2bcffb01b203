/** What a measure finds out, and the limits that are set for it. */
import limits from '../limits.json' with { type: 'json' }

export interface Figure {
  /** Also its name in `limits.json`. */
  readonly name: string
  readonly what: string
  readonly unit: string
  /** The median of the rounds. */
  readonly ours: number
  readonly peer?: { readonly name: string; readonly value: number }
  /** Ours to the peer's, unless it says otherwise: the median over the rounds. */
  readonly ratio?: number
  /** By how much the ratio would differ from 1 if both were the same: as far it may miss its limit. */
  readonly noise?: number
  /** Everything that was measured, in order. */
  readonly rounds?: { readonly ours: readonly number[]; readonly peer?: readonly number[] }
  /** Of everybody who took part, ours first: what a request took, where that was measured. */
  readonly loads?: readonly NamedLoad[]
  /** Our number as something else grows, such as the entries of the ledger. */
  readonly curve?: { readonly over: string; readonly points: readonly CurvePoint[] }
  /** Lines that show what the number says, for what is not a matter of speed. */
  readonly evidence?: readonly string[]
}

export interface CurvePoint {
  readonly x: number
  readonly y: number
}

/** What a server was asked for and gave, in one round or as medians of several. */
export interface Load {
  /** Good answers, or megabytes where the figure counts those. */
  readonly perSecond: number
  /** Milliseconds; undefined where nobody took the time of single answers. */
  readonly median?: number | undefined
  readonly p99?: number | undefined
  /** Seconds of processor time of all of the server's processes, for 1,000 answers. */
  readonly cpuPer1000: number
  /** Megabytes of all of the server's processes at their largest meanwhile. */
  readonly memory: number
}

export interface NamedLoad extends Load {
  readonly name: string
}

/** Exactly one of the two bounds, on the ratio or on our own number. */
export interface Limit {
  readonly of: 'ratio' | 'ours'
  readonly atLeast?: number
  readonly atMost?: number
}

/** Without a limit a figure is there for information. */
export type Verdict = 'ok' | 'MISSED' | 'SLIPPED' | ''

/** Machines and neighbours differ: only what misses its limit by as much is an error. */
const GROSS = 2

export function limitOf({ name }: Figure): Limit | undefined {
  return (limits as Readonly<Record<string, Limit>>)[name]
}

export function judge(figure: Figure): Verdict {
  const limit = limitOf(figure)
  if (!limit) return ''
  const value = limit.of === 'ratio' ? figure.ratio : figure.ours
  if (value === undefined) return 'SLIPPED'
  const { atLeast = -Infinity, atMost = Infinity } = limit
  const noise = limit.of === 'ratio' ? (figure.noise ?? 0) : 0
  if (value >= atLeast - noise && value <= atMost + noise) return 'ok'
  return value * GROSS < atLeast || value > atMost * GROSS ? 'SLIPPED' : 'MISSED'
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}
