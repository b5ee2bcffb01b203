/** Gzipped tar files read with suspicion, as a stream: one member is kept, the others only looked at. */
import { posix } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { streamArchive, type ArchiveSource } from './archive-source.ts'
import {
  ArchiveProblem,
  archiveLimits,
  asArchiveProblem,
  assertNoBomb,
  assertOneTop,
  assertPlainPath,
  hostile,
  MemberNames,
} from './archive-problem.ts'

export interface TarReading {
  readonly wanted: RegExp
  /** Reads and checks the archive to its end, which must have one top folder. */
  readonly isStrict: boolean
}

/** The first member that `wanted` matches. Throws `ArchiveProblem`. */
export async function readTarMember(
  source: ArchiveSource,
  reading: TarReading,
): Promise<Buffer | undefined> {
  const walk = new TarWalk(reading)
  const gunzip = createGunzip()
  // The callback has nothing to do: the same error ends the loop below.
  pipeline(streamArchive(source), gunzip, () => {})

  await asArchiveProblem(async () => {
    let unpacked = 0
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      unpacked += chunk.length
      assertNoBomb(unpacked, gunzip.bytesWritten)
      walk.write(chunk)
      if (walk.isDone) return
    }
    walk.end()
  })
  return walk.found
}

/** Until this much is here the parser would look for compression inside the compression. */
const FIRST_BLOCK = 512
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

const fileTypes = new Set(['File', 'OldFile', 'ContiguousFile'])
const linkTypes = new Set(['Link', 'SymbolicLink'])

class TarWalk {
  found: Buffer | undefined
  readonly #reading: TarReading
  readonly #parser: Parser
  readonly #names = new MemberNames()
  readonly #tops = new Set<string>()
  readonly #directories = new Set<string>()
  #start: Buffer | undefined = Buffer.alloc(0)
  #problem: unknown

  constructor(reading: TarReading) {
    this.#reading = reading
    this.#parser = new Parser({
      brotli: false,
      zstd: false,
      onReadEntry: (entry) => this.#look(entry),
      onwarn: (_code, message) => this.#fail(damaged(String(message))),
    })
    this.#parser.on('ignoredEntry', (entry: ReadEntry) =>
      this.#fail(hostile(`the archive has a member of the kind ${entry.type}`)),
    )
  }

  get isDone(): boolean {
    return this.found !== undefined && !this.#reading.isStrict
  }

  write(chunk: Buffer): void {
    let bytes = chunk
    if (this.#start) {
      bytes = Buffer.concat([this.#start, chunk])
      this.#start = bytes.length < FIRST_BLOCK ? bytes : undefined
      if (this.#start) return
      if (bytes.subarray(0, 2).equals(GZIP_MAGIC)) throw hostile('the archive is gzipped twice')
    }
    this.#parser.write(bytes)
    this.#assertFine()
  }

  end(): void {
    if (this.#start) throw damaged('it is too short')
    this.#parser.end()
    this.#assertFine()
    if (this.#reading.isStrict) assertOneTop(this.#tops)
  }

  // Errors thrown from inside the parser's events would leave it half-way: they wait for the end of the write.
  #look(entry: ReadEntry): void {
    try {
      this.#check(entry)
    } catch (error) {
      this.#fail(error)
    }
    entry.resume()
  }

  #check(entry: ReadEntry): void {
    if (this.#problem || this.isDone) return
    const path = this.#addName(entry)
    if (linkTypes.has(entry.type)) assertLinkInside(path, entry)
    else if (entry.type !== 'Directory' && !fileTypes.has(entry.type)) {
      throw hostile(`the archive has a member of the kind ${entry.type}`)
    }

    if (fileTypes.has(entry.type) && this.#reading.wanted.test(path)) this.#keep(entry)
  }

  /** A folder may come twice (some tools write it before each file), nothing else may. */
  #addName(entry: ReadEntry): string {
    const { path } = entry
    if (entry.type === 'Directory' && this.#directories.has(path)) return path
    const plain = this.#names.add(path)
    if (entry.type === 'Directory') this.#directories.add(path)
    if (plain !== '') this.#tops.add(plain.split('/', 1)[0]!)
    return plain
  }

  #keep(entry: ReadEntry): void {
    if (this.found) return
    if (entry.size > archiveLimits.metadataBytes) throw hostile('the metadata is too large')
    const chunks: Buffer[] = []
    entry.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
    entry.on('end', () => {
      this.found ??= Buffer.concat(chunks)
    })
  }

  #fail(problem: unknown): void {
    this.#problem ??= problem
  }

  #assertFine(): void {
    if (this.#problem && !this.isDone) throw this.#problem
  }
}

function assertLinkInside(path: string, entry: ReadEntry): void {
  const target = entry.linkpath ?? ''
  const base = entry.type === 'SymbolicLink' ? posix.dirname(path) : '.'
  assertPlainPath(target.startsWith('/') ? target : posix.join(base, target))
}

function damaged(reason: string): ArchiveProblem {
  return new ArchiveProblem('unreadable', `the archive is damaged: ${reason}`)
}
