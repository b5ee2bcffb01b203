/** The directory of a zip file, walked and checked whole: every reader shall see the same members. */
import { isUtf8 } from 'node:buffer'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import {
  archiveLimits,
  assertNoBomb,
  asArchiveProblem,
  hostile,
  MemberNames,
} from './archive-problem.ts'
import type { RandomAccess } from './archive-source.ts'
import { WindowReader } from './window-reader.ts'
import { assertWholeZip } from './zip-end.ts'

const DIRECTORY_WINDOW = 64 * 1024
const HEADER_WINDOW = 4 * 1024
/** Of many small members: they stand one behind the other. */
const LARGEST_HEADER_WINDOW = 256 * 1024

export interface DirectoryUse {
  /** Called with every member, its path without `./` and doubled slashes. */
  readonly onMember: (path: string, entry: Entry) => void
  /** Also compares each member's own header, which lies apart from the directory: one read for most of them. */
  readonly headers?: WindowReader | undefined
}

export const headerReader = (file: RandomAccess): WindowReader =>
  new WindowReader(file, HEADER_WINDOW, LARGEST_HEADER_WINDOW)

/** Throws `ArchiveProblem`. */
export async function walkDirectory(file: RandomAccess, use: DirectoryUse): Promise<void> {
  await assertWholeZip(file)
  await asArchiveProblem(async () => {
    const zip = await yauzl.fromRandomAccessReaderPromise(
      new WindowReader(file, DIRECTORY_WINDOW),
      file.size,
      { autoClose: false, decodeStrings: false },
    )
    await walk(zip, file, use)
  })
}

async function walk(zip: ZipFile, file: RandomAccess, use: DirectoryUse): Promise<void> {
  const { size } = file
  if (zip.entryCount > archiveLimits.entries) throw hostile('the archive has too many members')

  const names = new MemberNames()
  let packed = 0
  let unpacked = 0
  let start = size
  let count = 0
  for await (const entry of zip.eachEntry()) {
    count++
    use.onMember(names.add(entryName(entry)), entry)

    start = Math.min(start, entry.relativeOffsetOfLocalHeader)
    packed += entry.compressedSize
    unpacked += entry.uncompressedSize
    assertNoBomb(unpacked, size)
    if (packed > size) throw hostile('members of the archive overlap')
    if (use.headers) await assertLocalName(use.headers, entry)
  }
  if (count > 0 && start !== 0) throw hostile('the archive has bytes before its start')
  await assertDirectoryDone(zip, use.headers ?? headerReader(file))
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

/** What is needed of a member to find it. */
export type MemberPlace = Pick<Entry, 'relativeOffsetOfLocalHeader'> & {
  readonly fileNameRaw: Uint8Array
}

/** Some readers go by the header before a member, others by the directory: both must say the same. */
async function assertLocalName(headers: WindowReader, entry: MemberPlace): Promise<Buffer> {
  const name = entry.fileNameRaw
  const header = await headers.bytes(
    entry.relativeOffsetOfLocalHeader,
    LOCAL_HEADER_SIZE + name.length,
  )
  if (
    header.length < LOCAL_HEADER_SIZE + name.length ||
    header.readUInt32LE(0) !== LOCAL_SIGNATURE ||
    header.readUInt16LE(26) !== name.length ||
    !header.subarray(LOCAL_HEADER_SIZE).equals(name)
  ) {
    throw hostile('the archive names a member otherwise than its directory does')
  }
  return header
}

/** Where the bytes of a member begin. */
export async function memberStart(headers: WindowReader, entry: MemberPlace): Promise<number> {
  const header = await assertLocalName(headers, entry)
  return (
    entry.relativeOffsetOfLocalHeader +
    LOCAL_HEADER_SIZE +
    header.readUInt16LE(26) +
    header.readUInt16LE(28)
  )
}
