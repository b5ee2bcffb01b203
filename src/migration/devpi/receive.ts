/** The bytes of a file from devpi, checked by all that is known of it. A large one is read by others while it comes. */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { UpstreamFailure } from '#base/failure'
import { GrowingFile } from '#base/growing-file'
import { networkReason } from '#base/network-failure'
import type { BlobStore, StagedBlob } from '#blobs/blob-store'
import type { Hashes } from './file-facts.ts'
import { HashCheck } from './hash-check.ts'
import type { DevpiAnswer } from './server.ts'

/** Bytes. Below it nobody gains by reading along. */
const SMALL = 512 * 1024

/** What came is not the file. */
export class BadFile extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BadFile'
  }
}

/** A large file that has begun to come. */
export interface Begun {
  /** Bytes. */
  readonly size: number
  readonly growing: GrowingFile
}

export interface Wanted {
  readonly hashes: Hashes
  readonly onBegun: (begun: Begun) => void
}

/**
 * Calls `use` with what has come, whole and checked, and discards it if that has not kept it. Throws `BadFile`, or
 * `UpstreamFailure` when it is broken off.
 */
export async function receive<T>(
  blobs: BlobStore,
  answer: DevpiAnswer,
  { hashes, onBegun }: Wanted,
  use: (staged: StagedBlob) => Promise<T>,
): Promise<T> {
  const announced = answer.header('content-length')
  const size = announced === undefined ? undefined : Number(announced)
  const check = new HashCheck(hashes)
  if (size !== undefined && size > SMALL)
    return receiveLarge(blobs, answer, { check, size, onBegun }, use)
  const staged = await blobs
    .stage(answer.body, { tap: (chunk) => check.update(chunk) })
    .catch((cause: unknown) => {
      throw failureOf(answer.body, cause)
    })
  try {
    assertFits(check, staged, size)
    return await use(staged)
  } finally {
    await staged.discard()
  }
}

async function receiveLarge<T>(
  blobs: BlobStore,
  { body }: DevpiAnswer,
  { check, size, onBegun }: { check: HashCheck; size: number; onBegun: Wanted['onBegun'] },
  use: (staged: StagedBlob) => Promise<T>,
): Promise<T> {
  // Nobody gets the last byte before all are checked.
  const options = { holdLast: true, expectedSize: size }
  const growing = await GrowingFile.create(blobs.newStagingPath(), options).catch((error) => {
    body.destroy()
    throw error
  })
  try {
    onBegun({ growing, size })
    const hash = createHash('sha256')
    for await (const chunk of body as AsyncIterable<Buffer>) {
      hash.update(chunk)
      check.update(chunk)
      await growing.append(chunk)
    }
    const found = { digest: hash.digest('hex'), size: growing.size }
    assertFits(check, found, size)
    growing.finish()
    await using staged = await blobs.adopt(growing.path, found)
    return await use(staged)
  } catch (cause) {
    const error = failureOf(body, cause)
    await rm(growing.path, { force: true })
    growing.fail(error)
    throw error
  } finally {
    body.destroy()
    void growing.close()
  }
}

const failureOf = (body: Readable, cause: unknown): Error =>
  body.errored
    ? new UpstreamFailure(`the devpi-server broke off: ${networkReason(cause)}`, { cause })
    : (cause as Error)

function assertFits(
  check: HashCheck,
  { digest, size }: Found,
  announced: number | undefined,
): void {
  if (announced !== undefined && announced !== size) {
    throw new BadFile(`${size} of ${announced} bytes came`)
  }
  const problem = check.findProblem(digest)
  if (problem !== undefined) throw new BadFile(problem)
}

type Found = Pick<StagedBlob, 'digest' | 'size'>
