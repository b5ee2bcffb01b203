/**
 * Many small blobs in one answer, which spares a request for each:
 *
 * ```text
 * a line of JSON   [[DIGEST, SIZE], …]: which of those that were asked for follow
 * bytes            of one after the other
 * ```
 *
 * Nothing is signed: each blob is known by its digest.
 */
import { isSha256, type Sha256 } from '#base/digest'
import type { BlobStore } from '#blobs/blob-store'
import { WireProblem } from './change-text.ts'

/** More are not asked for at once. */
export const MOST_TOGETHER = 256

/** Bytes of one blob: a larger one is asked for by itself. */
const LARGEST = 64 * 1024
/** Bytes of all. */
const LARGEST_SUM = 4 * 1024 * 1024
const LONGEST_LINE = MOST_TOGETHER * 100
/** Blobs that are read at once. */
const WIDTH = 16

export interface SentBlob {
  readonly digest: Sha256
  readonly bytes: Buffer
}

/** Undefined for what no replica asks. */
export function parseBatchQuestion(question: unknown): Sha256[] | undefined {
  if (!Array.isArray(question) || question.length > MOST_TOGETHER) return undefined
  const digests = question.filter((one) => typeof one === 'string' && isSha256(one))
  return digests.length === question.length ? digests : undefined
}

/** Those of them that are stored on this machine and small; the rest is passed over. */
export async function* writeBatch(
  digests: readonly Sha256[],
  blobs: BlobStore,
): AsyncGenerator<Buffer, void, void> {
  const stats = await Promise.all(digests.map((digest) => blobs.stat(digest)))
  const chosen: [Sha256, number][] = []
  let sum = 0
  for (const [place, digest] of digests.entries()) {
    const size = stats[place]?.size
    if (size === undefined || size > LARGEST || sum + size > LARGEST_SUM) continue
    chosen.push([digest, size])
    sum += size
  }
  yield Buffer.from(`${JSON.stringify(chosen)}\n`)
  for (let start = 0; start < chosen.length; start += WIDTH) {
    const portion = chosen.slice(start, start + WIDTH)
    yield Buffer.concat(await Promise.all(portion.map((one) => readWhole(blobs, ...one))))
  }
}

/** Breaks the answer off where a blob is not any more what it was a moment ago. */
async function readWhole(blobs: BlobStore, digest: Sha256, size: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of (await blobs.open(digest))?.stream ?? []) {
    pieces.push(piece as Uint8Array)
  }
  const bytes = Buffer.concat(pieces)
  if (bytes.length !== size) throw new Error(`the blob ${digest} has gone or changed meanwhile`)
  return bytes
}

/** Throws `WireProblem` for what no primary answers. */
export async function* readBatch(
  answer: AsyncIterable<Buffer>,
  asked: readonly Sha256[],
): AsyncGenerator<SentBlob, void, void> {
  let announced: [Sha256, number][] | undefined
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of answer) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    if (!announced) {
      const lineEnd = rest.indexOf('\n')
      if (lineEnd === -1 && rest.length > LONGEST_LINE) throw new WireProblem('no blobs follow')
      if (lineEnd === -1) continue
      announced = parseAnnounced(rest.toString('utf8', 0, lineEnd), new Set(asked))
      rest = rest.subarray(lineEnd + 1)
    }
    for (let [next] = announced; next && rest.length >= next[1]; [next] = announced) {
      const [digest, size] = next
      announced.shift()
      yield { digest, bytes: rest.subarray(0, size) }
      rest = rest.subarray(size)
    }
  }
  if (announced?.length !== 0 || rest.length > 0) throw new WireProblem('blobs break off')
}

function parseAnnounced(line: string, asked: ReadonlySet<string>): [Sha256, number][] {
  const announced: unknown = JSON.parse(line)
  const isOne = (one: unknown): one is [Sha256, number] =>
    Array.isArray(one) &&
    asked.has(String(one[0])) &&
    Number.isSafeInteger(one[1]) &&
    one[1] >= 0 &&
    one[1] <= LARGEST
  if (!Array.isArray(announced) || !announced.every(isOne)) {
    throw new WireProblem('blobs are announced that were not asked for')
  }
  return announced
}
