/** Long work in steps: a page of an upstream's making shall not keep everybody else from their turn. */
import { setImmediate } from 'node:timers/promises'

/** Each `yield` is a place where it may pause. */
export type Steps<T> = Generator<void, T>

const PORTION = 64

/** Many items in portions: where each takes a microsecond or so, a pause between portions is enough. */
export function* inPortions<T>(items: Iterable<T>): Generator<T[], void> {
  let portion: T[] = []
  for (const item of items) {
    if (portion.push(item) < PORTION) continue
    yield portion
    portion = []
  }
  if (portion.length > 0) yield portion
}

/** A new list in the order that `compare` says; what is equal stays as it came. */
export function* sortInSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = []
  for (let start = 0; start < items.length; start += RUN) {
    runs.push(items.slice(start, start + RUN).sort(compare))
    yield
  }
  while (runs.length > 1) {
    const longer: T[][] = []
    for (let at = 0; at < runs.length; at += 2) {
      longer.push(yield* mergeRuns(runs[at]!, runs[at + 1] ?? [], compare))
    }
    runs = longer
  }
  return runs[0] ?? []
}

/** Sorted in one go. */
const RUN = 512

function* mergeRuns<T>(
  first: readonly T[],
  second: readonly T[],
  compare: (a: T, b: T) => number,
): Steps<T[]> {
  const merged: T[] = []
  let [i, j] = [0, 0]
  while (i < first.length && j < second.length) {
    merged.push(compare(first[i]!, second[j]!) <= 0 ? first[i++]! : second[j++]!)
    if (merged.length % RUN === 0) yield
  }
  return merged.concat(first.slice(i), second.slice(j))
}

/** As `Buffer.concat`: memory that is new costs time where it is first written to. */
export function* joinInSteps(chunks: readonly Buffer[]): Steps<Buffer> {
  const whole = Buffer.allocUnsafeSlow(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    at += chunk.copy(whole, at)
    yield
  }
  return whole
}

/** Nobody notices a pause of so long. */
const TURN_MS = 5

export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const end = performance.now() + TURN_MS
    do {
      const { done, value } = steps.next()
      if (done) return value
    } while (performance.now() < end)
    await setImmediate()
  }
}

/** Does something with each of very many. */
export async function eachInTurn<T>(all: Iterable<T>, act: (one: T) => void): Promise<void> {
  let end = performance.now() + TURN_MS
  for (const one of all) {
    act(one)
    if (performance.now() < end) continue
    await setImmediate()
    end = performance.now() + TURN_MS
  }
}

/** For short work, and where nobody else waits. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
