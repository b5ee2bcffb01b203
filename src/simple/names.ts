/** Lists of project names over several indexes: merged and printed while they are read. */
import { escapeHtml } from '#python/html-text'
import { API_VERSION } from '#python/simple-page'
import type { SimpleFormat } from './format.ts'

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
  const cursors = await Promise.all(streams.map((stream) => openCursor(stream)))
  let last: string | undefined
  let out: string[] = []
  try {
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

async function openCursor(stream: AsyncIterable<readonly string[]>): Promise<Cursor> {
  const iterator = stream[Symbol.asyncIterator]()
  let batch: readonly string[] = []
  let at = 0
  const cursor: Cursor = {
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
  await cursor.nextBatch()
  return cursor
}

/** A page in pieces: head, names as they come, end. Names must be normal: they are the addresses too. */
export async function* printNames(
  format: SimpleFormat,
  title: string,
  batches: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
): AsyncGenerator<string> {
  const { head, entry, separator, end } = format === 'json' ? jsonFrame : htmlFrame(title)
  yield head
  let isFirst = true
  for await (const batch of batches) {
    if (batch.length === 0) continue
    yield (isFirst ? '' : separator) + batch.map(entry).join(separator)
    isFirst = false
  }
  yield end
}

interface Frame {
  readonly head: string
  readonly entry: (name: string) => string
  readonly separator: string
  readonly end: string
}

const jsonFrame: Frame = {
  head: `{"meta":{"api-version":"${API_VERSION}"},"projects":[`,
  entry: (name) => `{"name":${JSON.stringify(name)}}`,
  separator: ',',
  end: ']}',
}

const htmlFrame = (title: string): Frame => ({
  head: `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="pypi:repository-version" content="${API_VERSION}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
`,
  // poetry takes the address for the name, others the text: both say the same.
  entry: (name) => `<a href="${name}/">${name}</a><br>\n`,
  separator: '',
  end: '</body>\n</html>\n',
})
