/** What a tar file holds, looked at while it passes by: one member is kept. */
import { posix } from 'node:path'
import { Parser, type ReadEntry } from 'tar'
import {
  ArchiveProblem,
  archiveLimits,
  assertPlainPath,
  hostile,
  MemberNames,
} from './archive-problem.ts'

const fileTypes = new Set(['File', 'OldFile', 'ContiguousFile'])
const linkTypes = new Set(['Link', 'SymbolicLink'])

/** The parser takes one whole extended header at once, in which every line is work. */
const EXTENDED_HEADER_BYTES = 256 * 1024
const EXTENDED_HEADERS_BYTES = 16 * 1024 * 1024
/** The longest path of common systems. One header can give the same target to every link. */
const LINK_LENGTH = 4096

export class TarMembers {
  found: Buffer | undefined
  /** A block of zeros came where a member could have started: the end to all who unpack. */
  isEnded = false
  readonly #tops = new Set<string>()
  readonly #wanted: RegExp
  readonly #parser: Parser
  readonly #names = new MemberNames()
  readonly #directories = new Set<string>()
  #count = 0
  #extendedBytes = 0
  #problem: unknown

  constructor(wanted: RegExp) {
    this.#wanted = wanted
    this.#parser = new Parser({
      brotli: false,
      zstd: false,
      maxMetaEntrySize: EXTENDED_HEADER_BYTES,
      onReadEntry: (entry) => this.#look(entry),
      onwarn: (_code, message) => this.#fail(damagedTar(String(message))),
    })
    this.#parser.on('ignoredEntry', (entry: ReadEntry) => this.#fail(wrongKind(entry)))
    this.#parser.on('meta', (text: string) => this.#countExtended(text.length))
    this.#parser.on('nullBlock', () => {
      this.isEnded = true
    })
    // Two such blocks, of which the first one was not of zeros: else nothing is written behind it.
    this.#parser.on('eof', () => this.#fail(behindEnd()))
  }

  get tops(): ReadonlySet<string> {
    return this.#tops
  }

  write(blocks: Buffer): void {
    this.#parser.write(blocks)
    this.#assertFine()
  }

  end(): void {
    this.#parser.end()
    this.#assertFine()
  }

  // Errors thrown from inside the parser's events would leave it half-way: they wait for the end of the write.
  #look(entry: ReadEntry): void {
    try {
      if (!this.#problem) this.#check(entry)
    } catch (error) {
      this.#fail(error)
    }
    entry.resume()
  }

  #check(entry: ReadEntry): void {
    if (this.isEnded) throw behindEnd()
    const path = this.#addName(entry)
    if (linkTypes.has(entry.type)) assertLinkInside(path, entry)
    else if (entry.type !== 'Directory' && !fileTypes.has(entry.type)) throw wrongKind(entry)

    if (fileTypes.has(entry.type) && this.#wanted.test(path)) this.#keep(entry)
  }

  /** A folder may come twice (some tools write it before each file), nothing else may. */
  #addName(entry: ReadEntry): string {
    const { path } = entry
    this.#count += 1
    if (this.#count > archiveLimits.entries) throw hostile('the archive has too many members')
    if (entry.type === 'Directory' && this.#directories.has(path)) return path

    const plain = this.#names.add(path)
    if (entry.type === 'Directory') this.#directories.add(path)
    if (plain !== '') this.#tops.add(plain.split('/', 1)[0]!)
    return plain
  }

  #keep(entry: ReadEntry): void {
    if (this.found) return
    // Not `size`, which a global header may set to other than what is read.
    if (entry.remain > archiveLimits.metadataBytes) throw hostile('the metadata is too large')
    const chunks: Buffer[] = []
    entry.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
    entry.on('end', () => {
      this.found ??= Buffer.concat(chunks)
    })
  }

  #countExtended(bytes: number): void {
    this.#extendedBytes += bytes
    if (this.#extendedBytes > EXTENDED_HEADERS_BYTES) {
      this.#fail(hostile('the archive has too many extended headers'))
    }
  }

  #fail(problem: unknown): void {
    this.#problem ??= problem
  }

  #assertFine(): void {
    if (this.#problem) throw this.#problem
  }
}

function assertLinkInside(path: string, entry: ReadEntry): void {
  const target = entry.linkpath ?? ''
  if (target.length > LINK_LENGTH) throw hostile('the archive has a link with too long a target')
  const base = entry.type === 'SymbolicLink' ? posix.dirname(path) : '.'
  assertPlainPath(target.startsWith('/') ? target : posix.join(base, target))
}

const wrongKind = (entry: ReadEntry): ArchiveProblem =>
  hostile(`the archive has a member of the kind ${entry.type}`)

const behindEnd = (): ArchiveProblem => hostile('the archive has bytes behind its end')

export function damagedTar(reason: string): ArchiveProblem {
  return new ArchiveProblem('unreadable', `the archive is damaged: ${reason}`)
}
