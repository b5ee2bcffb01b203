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
