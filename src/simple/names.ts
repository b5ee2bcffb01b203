/** Lists of project names over several indexes, merged while they are read. */

import { setImmediate } from 'node:timers/promises'

/** Sorted names in batches. */
export interface NameBatches {
  batches(): AsyncIterable<readonly string[]>
}

/** Our own names first, which are sorted too, then those of each list that are not ours and in no list before. */
export async function* mergeNames(
  own: readonly string[],
  lists: readonly NameBatches[],
): AsyncGenerator<readonly string[]> {
  yield* inBatches(own)
  const streams = lists.map((list) => list.batches())
  if (streams.length === 1) {
    for await (const batch of streams[0]!) yield leaveOut(own, batch)
  } else if (streams.length > 1) {
    yield* mergeSorted(streams, new Set(own))
  }
}

/** Looks for ours among the many: to look for each of the many would hash them all. */
function leaveOut(own: readonly string[], batch: readonly string[]): readonly string[] {
  const last = batch.at(-1)
  if (last === undefined) return batch
  const found = new Set<number>()
  for (let at = placeOf(batch[0]!, own); at < own.length && own[at]! <= last; at++) {
    const place = placeOf(own[at]!, batch)
    if (batch[place] === own[at]) found.add(place)
  }
  return found.size === 0 ? batch : batch.filter((_, place) => !found.has(place))
}

/** How many of the sorted names come before it. */
function placeOf(name: string, names: readonly string[]): number {
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (names[middle]! < name) low = middle + 1
    else high = middle
  }
  return low
}

/** Between them others have their turns. */
export async function* inBatches(names: readonly string[]): AsyncGenerator<readonly string[]> {
  for (let at = 0; at < names.length; at += BATCH) {
    if (at > 0) await setImmediate()
    yield names.slice(at, at + BATCH)
  }
}

/** The names of a list that are not ours and in none of the lists before it, which are read beside it. */
export async function* namesNotIn(
  list: NameBatches,
  taken: ReadonlySet<string>,
  earlier: readonly NameBatches[],
): AsyncGenerator<readonly string[]> {
  const cursors = earlier.map((one) => openCursor(one.batches()))
  try {
    await Promise.all(cursors.map((cursor) => cursor.nextBatch()))
    for await (const batch of list.batches()) {
      const left: string[] = []
      for (const name of batch) {
        let isNew = !taken.has(name)
        for (const cursor of cursors) if (await reaches(cursor, name)) isNew = false
        if (isNew) left.push(name)
      }
      yield left
    }
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()))
  }
}

/** Whether a list has the name; what comes before it is passed over. */
async function reaches(cursor: Cursor, name: string): Promise<boolean> {
  while (cursor.name !== undefined && cursor.name < name) {
    if (cursor.isAtBatchEnd()) await cursor.nextBatch()
    else cursor.next()
  }
  return cursor.name === name
}

const BATCH = 1000

/** A k-way merge: of each list only one batch is in memory. */
async function* mergeSorted(
  streams: readonly AsyncIterable<readonly string[]>[],
  taken: ReadonlySet<string>,
): AsyncGenerator<readonly string[]> {
  const cursors = streams.map((stream) => openCursor(stream))
  let last: string | undefined
  let out: string[] = []
  try {
    await Promise.all(cursors.map((cursor) => cursor.nextBatch()))
    for (;;) {
      let least: Cursor | undefined
      for (const cursor of cursors) {
        if (cursor.name === undefined) continue
        if (least?.name === undefined || cursor.name < least.name) least = cursor
      }
      if (least?.name === undefined) break
      const { name } = least
      if (name !== last && !taken.has(name)) out.push(name)
      last = name
      if (least.isAtBatchEnd()) await least.nextBatch()
      else least.next()
      if (out.length >= BATCH) {
        yield out
        out = []
      }
    }
    yield out
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()))
  }
}

interface Cursor {
  readonly name: string | undefined
  isAtBatchEnd(): boolean
  next(): void
  nextBatch(): Promise<void>
  close(): Promise<void>
}

/** It has no name before its first batch. */
function openCursor(stream: AsyncIterable<readonly string[]>): Cursor {
  const iterator = stream[Symbol.asyncIterator]()
  let batch: readonly string[] = []
  let at = 0
  return {
    get name() {
      return batch[at]
    },
    isAtBatchEnd: () => at >= batch.length - 1,
    next: () => void at++,
    async nextBatch() {
      at = 0
      do {
        const step = await iterator.next()
        if (step.done) {
          batch = []
          return
        }
        batch = step.value
      } while (batch.length === 0)
    },
    close: async () => void (await iterator.return?.()),
  }
}
