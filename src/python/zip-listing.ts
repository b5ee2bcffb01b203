/** The members of any zip, for people who look, and the first bytes of one. */
import { isUtf8 } from 'node:buffer'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createInflateRaw } from 'node:zlib'
import yauzl, { type Entry } from 'yauzl'
import {
  ListingBuilder,
  stopped,
  tooLong,
  type ArchiveListing,
  type ArchiveMember,
  type IsOver,
  type MemberKind,
  type ZipPlace,
} from './archive-listing.ts'
import { asArchiveProblem, ArchiveProblem } from './archive-problem.ts'
import type { RandomAccess } from './archive-source.ts'
import type { MemberBytes } from './member-bytes.ts'
import { WindowReader } from './window-reader.ts'
import { DEFLATED, STORED } from './zip-archive.ts'

const DIRECTORY_WINDOW = 64 * 1024
/** Members that are gone through before others have their turn. */
const AT_ONCE = 500

/** Only a failing disk makes this fail. */
export async function listZip(file: RandomAccess, isOver: IsOver): Promise<ArchiveListing> {
  const listing = new ListingBuilder()
  try {
    await asArchiveProblem(() => walk(file, listing, isOver))
    return listing.end()
  } catch (error) {
    if (error instanceof ArchiveProblem) return listing.end(error.reason)
    throw error
  }
}

async function walk(file: RandomAccess, listing: ListingBuilder, isOver: IsOver): Promise<void> {
  const reader = new WindowReader(file, DIRECTORY_WINDOW)
  const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false }
  const zip = await yauzl.fromRandomAccessReaderPromise(reader, file.size, options)
  let left = AT_ONCE
  for await (const entry of zip.eachEntry()) {
    listing.add(memberOf(entry))
    if (--left > 0) continue
    left = AT_ONCE
    await setImmediate()
    if (isOver()) throw tooLong()
  }
}

function memberOf(entry: Entry) {
  const { fileNameRaw: raw } = entry
  const name = raw.toString(isUtf8(raw) ? 'utf8' : 'latin1')
  const kind = kindOf(entry, name)
  return {
    name,
    kind,
    size: entry.uncompressedSize,
    modifiedAt: modifiedAt(entry),
    linkTo: undefined,
    crc32: kind === 'file' ? entry.crc32 : undefined,
    place: {
      offset: entry.relativeOffsetOfLocalHeader,
      packed: entry.compressedSize,
      method: methodOf(entry),
    },
  }
}

const UNIX = 3
const FILE_TYPE = 0o170000

function kindOf(entry: Entry, name: string): MemberKind {
  const isUnix = entry.versionMadeBy >> 8 === UNIX
  const type = isUnix ? (entry.externalFileAttributes >>> 16) & FILE_TYPE : 0
  if (type === 0o120000) return 'link'
  if (type === 0o040000 || name.endsWith('/')) return 'folder'
  return type === 0 || type === 0o100000 ? 'file' : 'special'
}

/** What tools write that keep no times: the first moment that a zip can hold. */
const NO_TIME = Date.UTC(1980, 0, 1)

function modifiedAt(entry: Entry): number | undefined {
  const at = entry.getLastModDate({ timezone: 'UTC' }).getTime()
  return at > NO_TIME ? at : undefined
}

function methodOf(entry: Entry): ZipPlace['method'] {
  if (entry.isEncrypted()) return undefined
  if (entry.compressionMethod === STORED) return 'stored'
  return entry.compressionMethod === DEFLATED ? 'deflated' : undefined
}

const LOCAL_HEADER_SIZE = 30
const LOCAL_SIGNATURE = 0x04034b50
const PACKED_CHUNK = 64 * 1024

/** Up to `limit` bytes of a member. Throws `ArchiveProblem` where they can't be had. */
export async function readZipMember(
  file: RandomAccess,
  { place }: ArchiveMember,
  { limit, isOver }: { readonly limit: number; readonly isOver: IsOver },
): Promise<MemberBytes> {
  if (place?.method === undefined) {
    throw stopped('the member is encrypted, or packed in a way that cannot be read here')
  }
  const header = await file.bytesAt(place.offset, LOCAL_HEADER_SIZE)
  if (header.length < LOCAL_HEADER_SIZE || header.readUInt32LE(0) !== LOCAL_SIGNATURE) {
    throw stopped('the member is not where the directory of the archive says')
  }
  const names = header.readUInt16LE(26) + header.readUInt16LE(28)
  const start = place.offset + LOCAL_HEADER_SIZE + names
  if (place.method === 'stored') {
    const bytes = await file.bytesAt(start, Math.min(place.packed, limit))
    return { bytes, isWhole: place.packed <= limit }
  }
  const packed = packedChunks(file, { start, end: start + place.packed, isOver })
  return await asArchiveProblem(() => inflateUpTo(packed, limit))
}

async function* packedChunks(
  file: RandomAccess,
  { start, end, isOver }: { readonly start: number; readonly end: number; isOver: IsOver },
): AsyncGenerator<Buffer> {
  // Deflate can pack nothing into any number of bytes.
  for (let at = start; at < end; at += PACKED_CHUNK) {
    if (isOver()) throw tooLong()
    const chunk = await file.bytesAt(at, Math.min(PACKED_CHUNK, end - at))
    if (chunk.length === 0) return
    yield chunk
  }
}

async function inflateUpTo(packed: AsyncIterable<Buffer>, limit: number): Promise<MemberBytes> {
  const source = Readable.from(packed)
  const inflate = createInflateRaw()
  source.on('error', (error) => inflate.destroy(error)).pipe(inflate)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size > limit) break
    }
  } finally {
    source.destroy()
    inflate.destroy()
  }
  return { bytes: Buffer.concat(chunks).subarray(0, limit), isWhole: size <= limit }
}
