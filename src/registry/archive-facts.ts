/** What an archive says of itself, for the page and for `.metadata`. */
import { sha256, type Sha256 } from '#base/digest'
import { ArchiveProblem } from '#python/archive-problem'
import type { ArchiveSource } from '#python/archive-source'
import { packageType } from '#python/filename'
import type { CoreMetadata } from '#python/metadata'
import { readSdistMetadata } from '#python/sdist-archive'
import { readWheelMetadata } from '#python/wheel-archive'

export interface ArchiveFacts {
  readonly metadata: CoreMetadata | undefined
  /** SHA-256 of a wheel's METADATA file. */
  readonly digest: Sha256 | undefined
  /** Why there is no metadata. */
  readonly problem: string | undefined
  /** It is made to harm. */
  readonly isHostile: boolean
}

/** Reads the archive's core metadata. A file that is no readable archive has none. */
export async function readArchiveFacts(
  source: ArchiveSource,
  filename: string,
): Promise<ArchiveFacts> {
  const type = packageType(filename)
  if (type !== 'bdist_wheel' && type !== 'sdist') return none(undefined)
  try {
    const isWheel = type === 'bdist_wheel'
    const read = isWheel ? readWheelMetadata : readSdistMetadata
    const { bytes, metadata } = await read(source, filename)
    const digest = isWheel ? sha256(bytes) : undefined
    return { metadata, digest, problem: metadata.problems[0], isHostile: false }
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error
    return none(error.reason, error.kind === 'hostile')
  }
}

const none = (problem: string | undefined, isHostile = false): ArchiveFacts => ({
  metadata: undefined,
  digest: undefined,
  problem,
  isHostile,
})
