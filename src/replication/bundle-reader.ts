/** Reads a bundle from its file, and checks every byte of it: its signature, the chain of its hashes, its blobs. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { isSha256, type Sha256 } from '#base/digest'
import { CHANGE_FORMAT, hashChange, type Change } from '#ledger/change'
import type { Serial } from '#ledger/key'
import {
  BUNDLE_VERSION,
  BundleRefused,
  MARK,
  type BundledBlob,
  type BundleEnd,
  type BundleHead,
} from './bundle.ts'
import { parseChange, WireProblem } from './change-text.ts'
import { bundleKinds, FrameReader, type Frame } from './frames.ts'
import type { ReplicaTokens } from './replica-tokens.ts'

/** What comes out of a bundle. The pieces of a blob must be read before the next part is asked for. */
export type BundlePart =
  | { readonly head: BundleHead }
  | { readonly blob: BundledBlob; readonly pieces: AsyncGenerator<Buffer, void, void> }
  | { readonly change: Change; readonly bytes: number }
  | { readonly end: BundleEnd }

const PIECE = 256 * 1024
const LONGEST_MARK = 1000

/** Throws `BundleRefused`, which names the serial, as soon as something is not as it was written. */
export async function* readBundle(
  file: string,
  tokens: ReplicaTokens,
): AsyncGenerator<BundlePart, void, void> {
  const place = new Place(file)
  const frames = readFrames(file, tokens)
  try {
    const [first] = await take(1)
    if (first?.kind !== 'H') throw new WireProblem('it does not begin with what it holds')
    const head = JSON.parse(first.payload.toString()) as BundleHead
    place.begin(head)
    yield { head }
    for await (const { kind, payload } of frames) {
      if (kind === 'N') {
        const blob = JSON.parse(payload.toString()) as BundledBlob
        if (!isSha256(blob.digest)) throw new WireProblem('a blob has no digest')
        const pieces = readPieces(blob)
        yield { blob, pieces }
        for await (const _ of pieces); // whoever did not want them
      } else if (kind === 'C') {
        const change = parseChange(payload.toString())
        place.pass(change)
        yield { change, bytes: payload.length }
      } else if (kind === 'E') {
        place.assertOver()
        if ((await take(1)).length > 0) throw new WireProblem('something stands behind its end')
        yield { end: JSON.parse(payload.toString()) as BundleEnd }
        return
      } else throw new WireProblem('its parts are in another order')
    }
    throw new WireProblem('it breaks off')
  } catch (error) {
    throw error instanceof WireProblem ? place.refuse(error) : error
  } finally {
    await frames.return()
  }

  async function take(count: number): Promise<Frame[]> {
    const taken: Frame[] = []
    while (taken.length < count) {
      const { value } = await frames.next()
      if (!value) break
      taken.push(value)
    }
    return taken
  }

  async function* readPieces({ digest, size }: BundledBlob): AsyncGenerator<Buffer, void, void> {
    const hash = createHash('sha256')
    for (let read = 0; read < size;) {
      const [piece] = await take(1)
      if (piece?.kind !== 'P') throw new WireProblem(`the blob ${digest} breaks off`)
      hash.update(piece.payload)
      read += piece.payload.length
      if (read > size) throw new WireProblem(`the blob ${digest} is longer than it says`)
      yield piece.payload
    }
    const found: Sha256 = hash.digest('hex')
    if (found !== digest) throw new WireProblem(`the blob ${digest} has the digest ${found}`)
  }
}

/** How far the bundle has been read, and how its changes are chained. */
class Place {
  readonly #file: string
  #last: Serial | undefined
  #hash = ''
  #to: Serial = -1

  constructor(file: string) {
    this.#file = file
  }

  begin({ from, to, hashBefore }: BundleHead): void {
    this.#last = from - 1
    this.#to = to
    this.#hash = hashBefore
  }

  pass(change: Change): void {
    const { serial, format, hash } = change
    const next = this.#next()
    if (serial !== next) throw new WireProblem(`change ${serial} stands in the place of ${next}`)
    if (format > CHANGE_FORMAT) {
      throw new BundleRefused(
        `${this.#file}: change ${serial} is in format ${format}, and this version knows formats up to ${CHANGE_FORMAT}.`,
        ['the version of Wheelyard that the bundle was made with'],
      )
    }
    if (hashChange(this.#hash, change) !== hash) throw new WireProblem('its hash does not fit')
    this.#last = serial
    this.#hash = hash
  }

  assertOver(): void {
    if (this.#last !== this.#to) throw new WireProblem('it ends before its last change')
  }

  refuse({ problem }: WireProblem): BundleRefused {
    if (this.#last === undefined) {
      return new BundleRefused(
        `${this.#file} was not made with this secret, or was altered: ${problem}.`,
        ['--secret-file FILE, with the secret of the server that it was made on'],
      )
    }
    const where = this.#last === this.#to ? 'its end' : `change ${this.#next()}`
    return new BundleRefused(
      `${this.#file} is not as it was made: ${where}, or a file of it, is altered or missing: ${problem}.`,
      ['another copy of the bundle'],
    )
  }

  #next(): Serial {
    return (this.#last ?? -1) + 1
  }
}

async function* readFrames(file: string, tokens: ReplicaTokens): AsyncGenerator<Frame, void, void> {
  let before = Buffer.alloc(0)
  let reader: FrameReader | undefined
  for await (const piece of createReadStream(file, { highWaterMark: PIECE })) {
    let bytes = piece as Buffer
    if (!reader) {
      before = Buffer.concat([before, bytes])
      const lineEnd = before.indexOf('\n')
      if (lineEnd === -1 && before.length < LONGEST_MARK) continue
      const id = readMark(file, before.toString('utf8', 0, Math.max(lineEnd, 0)))
      reader = new FrameReader(tokens.bundleKey(id), bundleKinds)
      bytes = before.subarray(lineEnd + 1)
    }
    yield* reader.pull(bytes)
  }
  if (!reader) readMark(file, '')
  if (!reader?.isBetweenFrames) throw new WireProblem('it breaks off')
}

function readMark(file: string, line: string): string {
  const [mark, version, id] = parseLine(line)
  if (mark !== MARK || typeof id !== 'string') throw new BundleRefused(`${file} is no bundle.`)
  if (version === BUNDLE_VERSION) return id
  throw new BundleRefused(
    `${file} is a bundle in version ${String(version)}, and this server knows ${BUNDLE_VERSION}.`,
    ['the version of Wheelyard that the bundle was made with'],
  )
}

function parseLine(line: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(line)
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}
