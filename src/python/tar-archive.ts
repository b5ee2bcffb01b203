/** Gzipped tar files read with suspicion, as a stream and to their end. */
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { streamArchive, type ArchiveSource } from './archive-source.ts'
import {
  ArchiveProblem,
  asArchiveProblem,
  assertNoBomb,
  assertOneTop,
  hostile,
} from './archive-problem.ts'
import { damagedTar, TarMembers } from './tar-members.ts'

export interface TarReading {
  readonly wanted: RegExp
  /** Refuses a second top folder, and damage behind the member looked for. */
  readonly isStrict: boolean
}

/** The first member that `wanted` matches. Throws `ArchiveProblem`. */
export async function readTarMember(
  source: ArchiveSource,
  { wanted, isStrict }: TarReading,
): Promise<Buffer | undefined> {
  const members = new TarMembers(wanted)
  try {
    await asArchiveProblem(() => readToEnd(source, new TarBlocks(members)))
  } catch (error) {
    const isDamage = error instanceof ArchiveProblem && error.kind === 'unreadable'
    if (isStrict || !isDamage || !members.found) throw error
  }
  if (isStrict) assertOneTop(members.tops)
  return members.found
}

async function readToEnd(source: ArchiveSource, blocks: TarBlocks): Promise<void> {
  const gunzip = createGunzip({ chunkSize: CHUNK })
  // The callback has nothing to do: the same error ends the loop below.
  pipeline(streamArchive(source), gunzip, () => {})

  let unpacked = 0
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    unpacked += chunk.length
    assertNoBomb(unpacked, gunzip.bytesWritten)
    blocks.write(chunk)
  }
  blocks.end()
}

const CHUNK = 64 * 1024
const BLOCK = 512
const ZEROS = Buffer.alloc(CHUNK + BLOCK)
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

/**
 * Hands the bytes on until the tar ends, which only zeros may follow. They are cut behind every block of zeros,
 * because the parser does not say where in the bytes it found the end, and copies all that it is given after it
 * again and again.
 */
class TarBlocks {
  readonly #members: TarMembers
  #rest: Buffer = Buffer.alloc(0)
  #isStarted = false

  constructor(members: TarMembers) {
    this.#members = members
  }

  write(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    const whole = bytes.length - (bytes.length % BLOCK)
    this.#rest = bytes.subarray(whole)
    if (whole > 0) this.#writeBlocks(bytes.subarray(0, whole))
  }

  end(): void {
    if (!this.#isStarted) throw damagedTar('it is too short')
    if (this.#members.isEnded) assertZeros(this.#rest)
    else this.#members.write(this.#rest)
    this.#members.end()
  }

  #writeBlocks(blocks: Buffer): void {
    // The parser would unpack it.
    if (!this.#isStarted && blocks.subarray(0, 2).equals(GZIP_MAGIC)) {
      throw hostile('the archive is gzipped twice')
    }
    this.#isStarted = true

    let start = 0
    while (start < blocks.length && !this.#members.isEnded) {
      const end = endOfZeroBlock(blocks, start)
      this.#members.write(blocks.subarray(start, end))
      start = end
    }
    assertZeros(blocks.subarray(start))
  }
}

/** Behind the first block of zeros from `start` on, or behind the last block. */
function endOfZeroBlock(blocks: Buffer, start: number): number {
  for (let at = start; at < blocks.length; at += BLOCK) {
    if (blocks[at] === 0 && isZeros(blocks.subarray(at, at + BLOCK))) return at + BLOCK
  }
  return blocks.length
}

function assertZeros(bytes: Buffer): void {
  if (!isZeros(bytes)) throw hostile('the archive has bytes behind its end')
}

const isZeros = (bytes: Buffer): boolean => bytes.equals(ZEROS.subarray(0, bytes.length))
