/** Writes a bundle: a stretch of a ledger with the blobs that it names. Holds one change and one piece at a time. */
import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { BlobStore, Sha256 } from '#blobs/blob-store'
import { emptyHead, type Change } from '#ledger/change'
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import { BUNDLE_VERSION, MARK, type BundleEnd, type BundleHead } from './bundle.ts'
import { printChange } from './change-text.ts'
import { FrameWriter } from './frames.ts'
import type { ReplicaTokens } from './replica-tokens.ts'

export interface BundleOrder {
  readonly from: Serial
  /** There must be a change of this serial. */
  readonly to: Serial
  readonly withBlobs: boolean
  /** Of this server. */
  readonly uuid: string
}

interface BundleNeeds {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  readonly tokens: ReplicaTokens
  readonly namedBlobs: (path: string, value: unknown) => readonly Sha256[]
}

/** So many blobs are known to be in it. One that is forgotten is put in twice, which does no harm. */
const REMEMBERED = 200_000

/** The bytes of the file; returns what it says at its end. */
export async function* writeBundle(
  order: BundleOrder,
  { ledger, blobs, tokens, namedBlobs }: BundleNeeds,
): AsyncGenerator<Uint8Array, BundleEnd, void> {
  const { from, to, withBlobs, uuid } = order
  const id = randomBytes(16).toString('hex')
  const frames = new FrameWriter(tokens.bundleKey(id))
  const inIt = new LRUCache<Sha256, true>({ max: REMEMBERED })
  const end = { blobs: 0, missing: 0 }

  yield Buffer.from(`${JSON.stringify([MARK, BUNDLE_VERSION, id])}\n`)
  const hashBefore = (await ledger.change(from - 1))?.hash ?? emptyHead.hash
  const head: BundleHead = { from, to, hashBefore, uuid }
  yield frames.write('H', JSON.stringify(head))
  for (let serial = from; serial <= to; serial++) {
    const change = await ledger.change(serial)
    if (!change) throw new RangeError(`the ledger has no change ${serial}`)
    if (withBlobs) yield* writeBlobs(change)
    yield frames.write('C', printChange(change))
  }
  yield frames.write('E', JSON.stringify(end))
  return end

  /** Those that are needed at the last serial: what was replaced or removed by then is asked for by nobody. */
  async function* writeBlobs({ entries }: Change): AsyncGenerator<Uint8Array, void, void> {
    for (const { path, value } of entries) {
      if (value === null) continue
      const digests = namedBlobs(path, JSON.parse(value)).filter((digest) => !inIt.has(digest))
      const last = digests.length > 0 ? await valueAt(path) : undefined
      const needed = last === undefined ? [] : namedBlobs(path, last)
      for (const digest of digests.filter((one) => needed.includes(one))) yield* writeBlob(digest)
    }
  }

  function valueAt(path: string): Promise<unknown> {
    return ledger.readAt(to, (tx) => tx.get<unknown>({ path }))
  }

  async function* writeBlob(digest: Sha256): AsyncGenerator<Uint8Array, void, void> {
    inIt.set(digest, true)
    const blob = await blobs.open(digest)
    if (!blob) return void end.missing++
    end.blobs++
    yield frames.write('N', JSON.stringify({ digest, size: blob.size }))
    for await (const piece of blob.stream) yield frames.write('P', piece as Uint8Array)
  }
}
