/** How blobs stand in a journal: the SHA-256 (32 bytes), the size (4 bytes, little-endian), the bytes. */
import { createReadStream } from 'node:fs'
import { sha256 } from '#base/digest'
import type { Sha256 } from '../blob-store.ts'

const DIGEST_BYTES = 32
const HEAD_BYTES = DIGEST_BYTES + 4
/** Bytes of a blob. */
export const LARGEST_RECORD = 64 * 1024

export interface JournalRecord {
  readonly digest: Sha256
  readonly bytes: Uint8Array
}

/** The pieces of a record, to be written one after the other. */
export function encodeRecord({ digest, bytes }: JournalRecord): readonly Uint8Array[] {
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  head.write(digest, 'hex')
  head.writeUInt32LE(bytes.byteLength, DIGEST_BYTES)
  return [head, bytes]
}

/** Every whole record up to the first that is not: behind it is what was being written when the power went. */
export async function* readRecords(path: string): AsyncGenerator<JournalRecord, void, void> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    while (held.length >= HEAD_BYTES) {
      const size = held.readUInt32LE(DIGEST_BYTES)
      if (size > LARGEST_RECORD) return
      const end = HEAD_BYTES + size
      if (held.length < end) break
      const digest = held.toString('hex', 0, DIGEST_BYTES)
      const bytes = held.subarray(HEAD_BYTES, end)
      if (sha256(bytes) !== digest) return
      yield { digest, bytes }
      held = held.subarray(end)
    }
  }
}
