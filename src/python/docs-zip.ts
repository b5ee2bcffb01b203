/** A zip of documentation: which pages it has, and one page as a stream. Nothing is ever unpacked to disk. */
import { pipeline, Readable, Transform } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import type { Entry } from 'yauzl'
import { hostile } from './archive-problem.ts'
import type { RandomAccess } from './archive-source.ts'
import { DEFLATED, STORED } from './zip-archive.ts'
import { headerReader, memberStart, walkDirectory } from './zip-directory.ts'

/** A file of the documentation. */
export interface Page {
  readonly path: string
  readonly fileNameRaw: Uint8Array
  readonly relativeOffsetOfLocalHeader: number
  /** Bytes in the zip. */
  readonly packed: number
  /** Bytes. */
  readonly size: number
  readonly isDeflated: boolean
  readonly crc32: number
}

/** By path. What is encrypted, or packed in a way that can't be read here, is left out. */
export type Pages = ReadonlyMap<string, Page>

/** Throws `ArchiveProblem`: `unreadable` for what is no zip, `hostile` for one that is made to harm. */
export async function readPages(file: RandomAccess): Promise<Pages> {
  const pages = new Map<string, Page>()
  await walkDirectory(file, { onMember: (path, entry) => collect(pages, path, entry) })
  return pages
}

/** The same, and every member's own header is compared too: for a zip that comes in. */
export async function checkDocsZip(file: RandomAccess): Promise<void> {
  const headers = headerReader(file)
  await walkDirectory(file, { headers, onMember: (path, entry) => assertPlain(path, entry) })
}

function collect(pages: Map<string, Page>, path: string, entry: Entry): void {
  assertPlain(path, entry)
  const { compressionMethod: method } = entry
  const isFolder = entry.fileNameRaw.at(-1) === SLASH
  if (isFolder || entry.isEncrypted() || (method !== STORED && method !== DEFLATED)) return
  pages.set(path, {
    path,
    fileNameRaw: entry.fileNameRaw,
    relativeOffsetOfLocalHeader: entry.relativeOffsetOfLocalHeader,
    packed: entry.compressedSize,
    size: entry.uncompressedSize,
    isDeflated: method === DEFLATED,
    crc32: entry.crc32,
  })
}

const SLASH = 0x2f
const UNIX = 3
const FILE_TYPE = 0o170000
/** A plain file, a folder, and what has no type. */
const plainTypes = new Set([0o100000, 0o040000, 0])

/** A link would be a way out of the folder for whoever unpacks the zip. */
function assertPlain(path: string, entry: Entry): void {
  const type =
    entry.versionMadeBy >> 8 === UNIX ? (entry.externalFileAttributes >>> 16) & FILE_TYPE : 0
  if (!plainTypes.has(type))
    throw hostile(`the archive has a link or device at ${JSON.stringify(path)}`)
}

/** The bytes of a range, inclusive. */
export type OpenRange = (range: {
  readonly start: number
  readonly end: number
}) => Promise<Readable>

/**
 * A page from its first byte to its last. This, or the stream, fails with an `ArchiveProblem` where they are not
 * what the directory says.
 */
export async function openPage(
  file: RandomAccess,
  page: Page,
  openRange: OpenRange,
): Promise<Readable> {
  const start = await memberStart(headerReader(file), page)
  const packed =
    page.packed === 0 ? Readable.from([]) : await openRange({ start, end: start + page.packed - 1 })
  const check = checked(page)
  if (page.isDeflated) pipeline(packed, createInflateRaw(), check, ignore)
  else pipeline(packed, check, ignore)
  return check
}

/** The last chunk waits for the checksum: a damaged page never ends as if it were whole. */
function checked(page: Page): Transform {
  let size = 0
  let sum = 0
  let held: Buffer | undefined
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > page.size) return done(damaged())
      sum = crc32(chunk, sum)
      const ready = held
      held = chunk
      done(null, ready)
    },
    flush(done) {
      if (size !== page.size || sum !== page.crc32) return done(damaged())
      done(null, held)
    },
    destroy(error, done) {
      done(error && isOfInflate(error) ? damaged() : error)
    },
  })
}

const isOfInflate = (error: Error): boolean =>
  'code' in error && /^Z_|^ERR_TRAILING_JUNK/.test(String(error.code))

const damaged = () => hostile('the page is not what the directory of the archive says')

function ignore(): void {}
