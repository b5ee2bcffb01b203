/** An archive's bytes: in a local file, or in memory where it is small. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'

/** A path, or the bytes themselves. */
export type ArchiveSource = string | Buffer

export interface RandomAccess extends AsyncDisposable {
  readonly size: number
  /** Only its directory and some members are there; all else reads as zeros. */
  readonly isPartial?: boolean
  /** As many of `length` bytes as there are from `position` on, in a buffer of their own. */
  bytesAt(position: number, length: number): Promise<Buffer>
}

/** Read at once: an archive is looked at in many places, and each look at the disk takes a turn. */
const SMALL = 1024 * 1024

const inMemory = (bytes: Buffer): RandomAccess => ({
  size: bytes.length,
  bytesAt: async (position, length) =>
    Buffer.from(bytes.subarray(Math.min(position, bytes.length), position + length)),
  [Symbol.asyncDispose]: async () => {},
})

export async function openArchive(source: ArchiveSource): Promise<RandomAccess> {
  if (typeof source !== 'string') return inMemory(source)
  const file = await open(source)
  try {
    const { size } = await file.stat()
    if (size <= SMALL) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(size), 0, size, 0)
      await file.close()
      return inMemory(buffer.subarray(0, bytesRead))
    }
    return {
      size,
      async bytesAt(position, length) {
        const space = Buffer.allocUnsafeSlow(length)
        const { bytesRead, buffer } = await file.read(space, 0, length, position)
        return buffer.subarray(0, bytesRead)
      },
      [Symbol.asyncDispose]: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

export const streamArchive = (source: ArchiveSource): Readable =>
  typeof source === 'string' ? createReadStream(source) : Readable.from([source])
