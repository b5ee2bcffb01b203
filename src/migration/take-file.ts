/** A file of a folder goes into the blob store: copied, or as a hard link to the same bytes. */
import { constants } from 'node:fs'
import { link, open } from 'node:fs/promises'
import { sha256OfStream, type Sha256 } from '#base/digest'
import type { BlobStore, StagedBlob } from '#blobs/blob-store'

export interface TakeOptions {
  readonly hardLinks: boolean
  /** Sees every chunk. */
  readonly tap?: (chunk: Uint8Array) => void
}

/** Bytes that are read at a time. */
const SMALLEST_BUFFER = 4 * 1024
const LARGEST_BUFFER = 256 * 1024

/**
 * Its bytes, staged: whoever gets them must keep or discard them. Refuses a symbolic link and what is no file, with an
 * error of the system (ELOOP, EINVAL …).
 */
export async function stageFile(
  blobs: BlobStore,
  path: string,
  { hardLinks, tap }: TakeOptions,
): Promise<StagedBlob> {
  await using file = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  )
  const facts = await file.stat()
  if (!facts.isFile()) throw new NoFile(path)
  // A buffer is made for each file, and most are small.
  const highWaterMark = Math.min(Math.max(facts.size, SMALLEST_BUFFER), LARGEST_BUFFER)
  const stream = file.createReadStream({ autoClose: false, highWaterMark })
  if (!hardLinks) return await blobs.stage(stream, tap && { tap })

  const found = await sha256OfStream(tapped(stream as AsyncIterable<Uint8Array>, tap))
  const staging = blobs.newStagingPath()
  await link(path, staging)
  return await blobs.adopt(staging, found)
}

/** Keeps it, unless the store has it already: as a hard link it may be that very file. */
export async function keepBlob(blobs: BlobStore, staged: StagedBlob): Promise<void> {
  if ((await blobs.size(staged.digest)) === staged.size) await staged.discard()
  else await staged.keep()
}

export class NoFile extends Error {
  constructor(path: string) {
    super(`${path} is no file`)
    this.name = 'NoFile'
  }
}

async function* tapped(
  source: AsyncIterable<Uint8Array>,
  tap: TakeOptions['tap'],
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    tap?.(chunk)
    yield chunk
  }
}

/** Whether the store has these bytes, as far as their number tells. */
export const isHere = async (
  blobs: BlobStore,
  digest: Sha256 | undefined,
  size: number,
): Promise<boolean> => digest !== undefined && (await blobs.size(digest)) === size
