/** The core metadata of a wheel that lies far away: its end is read, then what is missing of its directory, then METADATA. */
import type { Entry } from 'yauzl'
import { ArchiveProblem } from './archive-problem.ts'
import type { RandomAccess } from './archive-source.ts'
import { parseMetadata } from './metadata.ts'
import { findFolder, type ArchiveMetadata } from './wheel-archive.ts'
import { assertMetadataSize, inflate } from './zip-archive.ts'
import { headerReader, walkDirectory } from './zip-directory.ts'

export interface FarFile {
  readonly size: number
  /** Its last bytes, which are here. */
  readonly tail: Buffer
  /** Exactly so many bytes from `position` on. */
  read(position: number, length: number): Promise<Buffer>
}

/** A directory larger than this is read from the whole file. */
const LARGEST_DIRECTORY = 4 * 1024 * 1024
const END_SIZE = 22
const endSignature = Buffer.from('PK\x05\x06')
const LOCAL_HEADER_SIZE = 30
/** What may lie between a member's name and its bytes. */
const EXTRA_ROOM = 512
const WANTED = /^[^/]+\.dist-info\/METADATA$/

/**
 * Throws `ArchiveProblem`: `unreadable` where the whole file may say more. What this takes for good may still turn out
 * to be an archive that a look at the whole of it refuses.
 */
export async function readWheelEnd(file: FarFile, filename: string): Promise<ArchiveMetadata> {
  const parts = new Parts(file)
  await parts.want(directoryStart(file), file.size)
  const members = new Map<string, Entry>()
  await walkDirectory(parts, {
    onMember: (path, entry) => void (WANTED.test(path) && members.set(path, entry)),
  })
  const entry = members.get(`${findFolder(members.keys(), filename)}/METADATA`)!
  assertMetadataSize(entry)
  const start = entry.relativeOffsetOfLocalHeader
  const header = LOCAL_HEADER_SIZE + entry.fileNameRaw.length + EXTRA_ROOM
  await parts.want(start, start + header + entry.compressedSize)
  const bytes = await inflate(headerReader(parts), entry)
  return { bytes, metadata: parseMetadata(bytes) }
}

/** By the archive's last record, which must lie in the tail. */
function directoryStart({ size, tail }: FarFile): number {
  const at = tail.lastIndexOf(endSignature)
  if (at === -1 || tail.length - at < END_SIZE) {
    throw new ArchiveProblem('unreadable', 'the end of the archive is not in its last bytes')
  }
  const length = tail.readUInt32LE(at + 12)
  const start = tail.readUInt32LE(at + 16)
  // Large archives have it elsewhere, and say so by numbers that do not add up.
  if (start + length !== size - tail.length + at || length > LARGEST_DIRECTORY) {
    throw new ArchiveProblem('unreadable', 'the directory of the archive is out of reach')
  }
  return start
}

/** As an archive of its full size, of which only what was wanted is there. */
class Parts implements RandomAccess {
  readonly isPartial = true
  readonly size: number
  readonly #file: FarFile
  readonly #held: { readonly start: number; readonly bytes: Buffer }[]

  constructor(file: FarFile) {
    this.#file = file
    this.size = file.size
    this.#held = [{ start: file.size - file.tail.length, bytes: file.tail }]
  }

  /** Fetches what is not here: in one piece, up to the first part that is. */
  async want(start: number, wantedEnd: number): Promise<void> {
    const end = Math.min(wantedEnd, this.size)
    if (start >= end) return
    if (this.#held.some((part) => part.start <= start && end <= part.start + part.bytes.length)) {
      return
    }
    const overlapped = this.#held.filter((part) => part.start > start && part.start < end)
    const upTo = Math.min(end, ...overlapped.map((part) => part.start))
    this.#held.push({ start, bytes: await this.#file.read(start, upTo - start) })
  }

  async bytesAt(position: number, length: number): Promise<Buffer> {
    const result = Buffer.alloc(Math.max(Math.min(length, this.size - position), 0))
    for (const { start, bytes } of this.#held) {
      const from = Math.max(position, start)
      const to = Math.min(position + result.length, start + bytes.length)
      if (from < to) bytes.copy(result, from - position, from - start, to - start)
    }
    return result
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
