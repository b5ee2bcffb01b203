/** A blob as the bytes of an archive: any part of it, wherever it is stored. */
import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import type { BlobStore, ByteRange, Sha256 } from '#blobs/blob-store'
import type { RandomAccess } from '#python/archive-source'

export async function openBlobAccess(blobs: BlobStore, digest: Sha256): Promise<RandomAccess> {
  const size = await blobs.size(digest)
  if (size === undefined) throw lost(digest)
  const bytesAt = async (position: number, length: number): Promise<Buffer> => {
    const end = Math.min(position + length, size) - 1
    if (end < position) return Buffer.alloc(0)
    return buffer(await openBlob(blobs, digest, { start: position, end }))
  }
  return { size, bytesAt, [Symbol.asyncDispose]: async () => {} }
}

/** A blob that has to be here. The stream's user must end or destroy it. */
export async function openBlob(
  blobs: BlobStore,
  digest: Sha256,
  range?: ByteRange,
): Promise<Readable> {
  const blob = await blobs.open(digest, range)
  if (!blob) throw lost(digest)
  return blob.stream
}

const lost = (digest: Sha256) => new Error(`the blob ${digest} is lost`)
