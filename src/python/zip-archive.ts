/** Zip files read with suspicion: the directory is walked and checked whole, single members are inflated. */
import { promisify } from 'node:util'
import { crc32, inflateRaw, inflateRawSync } from 'node:zlib'
import type { Entry } from 'yauzl'
import { ArchiveProblem, archiveLimits, hostile } from './archive-problem.ts'
import { openArchive, type ArchiveSource } from './archive-source.ts'
import type { WindowReader } from './window-reader.ts'
import { headerReader, memberStart, walkDirectory } from './zip-directory.ts'

export interface ZipArchive {
  /** Those members that `wanted` matches, by path. */
  readonly members: ReadonlyMap<string, Entry>
  /** The first part of every path that has more than one, and whole paths that have not. */
  readonly tops: ReadonlySet<string>
  /** Inflates one of `members`, within the limit for metadata. */
  readonly read: (path: string) => Promise<Buffer>
}

/** Opens a zip file for the time of `use`. Throws `ArchiveProblem`. */
export async function withZip<T>(
  source: ArchiveSource,
  wanted: RegExp,
  use: (archive: ZipArchive) => T | Promise<T>,
): Promise<T> {
  await using file = await openArchive(source)
  const headers = headerReader(file)
  const members = new Map<string, Entry>()
  const tops = new Set<string>()
  await walkDirectory(file, {
    headers,
    onMember(path, entry) {
      tops.add(path.split('/', 1)[0]!)
      if (wanted.test(path)) members.set(path, entry)
    },
  })

  const read = (path: string): Promise<Buffer> => inflate(headers, members.get(path)!)
  return await use({ members, tops, read })
}

export const STORED = 0
export const DEFLATED = 8
/** Deflate may make incompressible bytes a little longer. */
const DEFLATE_MARGIN = 64 * 1024
/** Inflated at once: handing it to another thread would take longer. */
const SMALL = 64 * 1024

export function assertMetadataSize(entry: Entry): void {
  const { metadataBytes } = archiveLimits
  if (
    entry.uncompressedSize > metadataBytes ||
    entry.compressedSize > metadataBytes + DEFLATE_MARGIN
  ) {
    throw hostile(`the metadata is larger than ${metadataBytes} bytes`)
  }
}

/** Inflates a member, within the limit for metadata. */
export async function inflate(headers: WindowReader, entry: Entry): Promise<Buffer> {
  assertMetadataSize(entry)
  const packed = await headers.bytes(await memberStart(headers, entry), entry.compressedSize)
  const content = await decompress(packed, entry)
  if (content.length !== entry.uncompressedSize || crc32(content) !== entry.crc32) {
    throw hostile('the metadata is not what the directory of the archive says')
  }
  return content
}

async function decompress(packed: Buffer, entry: Entry): Promise<Buffer> {
  if (entry.isEncrypted() || ![STORED, DEFLATED].includes(entry.compressionMethod)) {
    throw new ArchiveProblem('unreadable', 'the metadata is packed in a way that installers lack')
  }
  if (entry.compressionMethod === STORED) return packed
  try {
    // One byte more than declared is enough to see the lie, and all that is ever made of it.
    const limit = { maxOutputLength: entry.uncompressedSize + 1 }
    return entry.uncompressedSize <= SMALL
      ? inflateRawSync(packed, limit)
      : await promisify(inflateRaw)(packed, limit)
  } catch (cause) {
    throw new ArchiveProblem('hostile', 'the metadata cannot be unpacked', { cause })
  }
}
