/** Lists of project names over several indexes, merged while they are read. */

/** Sorted names in batches. */
export interface NameBatches {
  batches(): AsyncIterable<readonly string[]>
}

/** Our own names first, then those of each list that are not ours and in no list before. */
export async function* mergeNames(
  own: readonly string[],
  lists: readonly NameBatches[],
): AsyncGenerator<readonly string[]> {
  yield own
  const taken = new Set(own)
  const streams = lists.map((list) => list.batches())
  if (streams.length === 1) {
    for await (const batch of streams[0]!) yield batch.filter((name) => !taken.has(name))
    return
  }
  yield* mergeSorted(streams, taken)
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
