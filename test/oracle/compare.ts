/** Compares what both sides heard, point by point, and asks the table of differences about what is not the same. */
import { isDeepStrictEqual } from 'node:util'
import { differences, type Difference, type DifferenceId } from './differences.ts'
import type { Heard } from './heard.ts'
import type { Step } from './step.ts'

/** A place in what was heard where the two are not the same: `status`, `headers.vary`, `body.result.title`. */
export interface Point {
  readonly path: string
  readonly ours: unknown
  readonly theirs: unknown
}

export interface Compared {
  readonly step: Step
  readonly ours: Heard
  readonly theirs: Heard
}

export interface Verdict {
  /** What differs and is not meant to, or is meant to differ and doesn't. */
  readonly faults: readonly string[]
  /** The differences that were met. */
  readonly met: ReadonlySet<DifferenceId>
}

export function compare(compared: Compared, isIgnored: (path: string) => boolean): Verdict {
  const { step, ours, theirs } = compared
  const named = [step.differs ?? []].flat()
  const met = new Set<DifferenceId>()
  const faults = findPoints('', ours, theirs).flatMap((point) => {
    if (isIgnored(point.path)) return []
    const found = differences.find((one) => isMeant(one, point, compared, named))
    if (!found) return [print(point)]
    met.add(found.id)
    return []
  })
  // An exception that is none any more must go, and nothing excuses a crash.
  const idle = named.filter((id) => !met.has(id)).map((id) => `the difference ${id} is not met`)
  const crash = ours.status >= 500 && ours.status !== 502 ? ['it crashes here'] : []
  return { faults: [...faults, ...idle, ...crash], met }
}

function isMeant(
  { id, points, fits }: Difference,
  point: Point,
  compared: Compared,
  named: readonly DifferenceId[],
): boolean {
  if (points !== undefined && !points.test(point.path)) return false
  return named.includes(id) || fits?.(compared, point) === true
}

function findPoints(path: string, ours: unknown, theirs: unknown): Point[] {
  if (isDeepStrictEqual(ours, theirs)) return []
  if (!isTree(ours) || !isTree(theirs) || Array.isArray(ours) !== Array.isArray(theirs))
    return [{ path, ours, theirs }]
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  const [left, right] = [ours, theirs] as Record<string, unknown>[]
  return [...names].flatMap((name) =>
    findPoints(path === '' ? name : `${path}.${name}`, left?.[name], right?.[name]),
  )
}

const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null

function print({ path, ours, theirs }: Point): string {
  return `${path}: ${JSON.stringify(ours)} here, ${JSON.stringify(theirs)} there`
}
