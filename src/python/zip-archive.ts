/** Zip files read with suspicion: the directory is walked and checked whole, single members are inflated. */
import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import { crc32, inflateRaw, inflateRawSync } from 'node:zlib'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import {
  ArchiveProblem,
  archiveLimits,
  assertNoBomb,
  asArchiveProblem,
  hostile,
  MemberNames,
} from './archive-problem.ts'
import { openArchive, type ArchiveSource } from './archive-source.ts'
import { WindowReader } from './window-reader.ts'
import { assertWholeZip } from './zip-end.ts'

export interface ZipArchive {
  /** Those members that `wanted` matches, by path. */
  readonly members: ReadonlyMap<string, Entry>
  /** The first part of every path that has more than one, and whole paths that have not. */
  readonly tops: ReadonlySet<string>
  /** Inflates one of `members`, within the limit for metadata. */
  readonly read: (path: string) => Promise<Buffer>
}

const DIRECTORY_WINDOW = 64 * 1024
const HEADER_WINDOW = 4 * 1024

/** Opens a zip file for the time of `use`. Throws `ArchiveProblem`. */
export async function withZip<T>(
  source: ArchiveSource,
  wanted: RegExp,
  use: (archive: ZipArchive) => T | Promise<T>,
): Promise<T> {
  await using file = await openArchive(source)
  const { size } = file
  await assertWholeZip(file)

  const headers = new WindowReader(file, HEADER_WINDOW)
  const { members, tops } = await asArchiveProblem(async () => {
    const zip = await yauzl.fromRandomAccessReaderPromise(
      new WindowReader(file, DIRECTORY_WINDOW),
      size,
      { autoClose: false, decodeStrings: false },
    )
    return await walk({ zip, headers, size, wanted })
  })

  const read = (path: string): Promise<Buffer> => inflate(headers, members.get(path)!)
  return await use({ members, tops, read })
}

interface Walk {
  readonly zip: ZipFile
  readonly headers: WindowReader
  readonly size: number
  readonly wanted: RegExp
}

async function walk({ zip, headers, size, wanted }: Walk): Promise<Omit<ZipArchive, 'read'>> {
  if (zip.entryCount > archiveLimits.entries) throw hostile('the archive has too many members')

  const names = new MemberNames()
  const members = new Map<string, Entry>()
  const tops = new Set<string>()
  let packed = 0
  let unpacked = 0
  let start = size
  for await (const entry of zip.eachEntry()) {
    const path = names.add(entryName(entry))
    tops.add(path.split('/', 1)[0]!)
    if (wanted.test(path)) members.set(path, entry)

    start = Math.min(start, entry.relativeOffsetOfLocalHeader)
    packed += entry.compressedSize
    unpacked += entry.uncompressedSize
    assertNoBomb(unpacked, size)
    if (packed > size) throw hostile('members of the archive overlap')
    await assertLocalName(headers, entry)
  }
  if (tops.size > 0 && start !== 0) throw hostile('the archive has bytes before its start')
  await assertDirectoryDone(zip, headers)
  return { members, tops }
}

const DIRECTORY_SIGNATURE = 0x02014b50

/** A reader that goes by the directory's size would see members that one that counts does not. */
async function assertDirectoryDone(zip: ZipFile, headers: WindowReader): Promise<void> {
  const next = await headers.bytes(zip.readEntryCursor as unknown as number, 4)
  if (next.length === 4 && next.readUInt32LE(0) === DIRECTORY_SIGNATURE) {
    throw hostile('the archive has uncounted members')
  }
}

/** Info-ZIP's second name for a member, which some readers prefer. */
const UNICODE_PATH = 0x7075

function entryName(entry: Entry): string {
  const raw = entry.fileNameRaw
  const second = entry.extraFields.find((field) => field.id === UNICODE_PATH)
  if (second && !second.data.subarray(5).equals(raw)) {
    throw hostile('the archive has a member with two names')
  }
  return raw.toString(isUtf8(raw) ? 'utf8' : 'latin1')
}

const LOCAL_HEADER_SIZE = 30
const LOCAL_SIGNATURE = 0x04034b50

/** Some readers go by the header before a member, others by the directory: both must say the same. */
async function assertLocalName(headers: WindowReader, entry: Entry): Promise<void> {
  const name = entry.fileNameRaw
  const position = entry.relativeOffsetOfLocalHeader
  const header = await headers.bytes(position, LOCAL_HEADER_SIZE + name.length)
  if (
    header.length < LOCAL_HEADER_SIZE + name.length ||
    header.readUInt32LE(0) !== LOCAL_SIGNATURE ||
    header.readUInt16LE(26) !== name.length ||
    !header.subarray(LOCAL_HEADER_SIZE).equals(name)
  ) {
    throw hostile('the archive names a member otherwise than its directory does')
  }
}

const STORED = 0
const DEFLATED = 8
/** Deflate may make incompressible bytes a little longer. */
const DEFLATE_MARGIN = 64 * 1024
/** Inflated at once: handing it to another thread would take longer. */
const SMALL = 64 * 1024

async function inflate(headers: WindowReader, entry: Entry): Promise<Buffer> {
  const { metadataBytes } = archiveLimits
  if (
    entry.uncompressedSize > metadataBytes ||
    entry.compressedSize > metadataBytes + DEFLATE_MARGIN
  ) {
    throw hostile(`the metadata is larger than ${metadataBytes} bytes`)
  }

  const header = await headers.bytes(entry.relativeOffsetOfLocalHeader, LOCAL_HEADER_SIZE)
  const start =
    entry.relativeOffsetOfLocalHeader +
    LOCAL_HEADER_SIZE +
    header.readUInt16LE(26) +
    header.readUInt16LE(28)
  const packed = await headers.bytes(start, entry.compressedSize)
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
