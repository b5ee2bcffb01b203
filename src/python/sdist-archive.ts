/** PKG-INFO of a source distribution, read from the stream: nothing is ever unpacked to disk. */
import { ArchiveProblem, assertOneTop } from './archive-problem.ts'
import { parseMetadata } from './metadata.ts'
import type { ArchiveMetadata } from './wheel-archive.ts'
import type { ArchiveSource } from './archive-source.ts'
import { withZip } from './zip-archive.ts'

export interface SdistReading {
  /** Also refuses a second top folder, and damage behind PKG-INFO. */
  readonly isStrict?: boolean
}

const PKG_INFO = /^[^/]+\/PKG-INFO$/

/** Reads `{top}/PKG-INFO` of a `.tar.gz` or `.zip`. Throws `ArchiveProblem`. */
export async function readSdistMetadata(
  file: ArchiveSource,
  filename: string,
  { isStrict = false }: SdistReading = {},
): Promise<ArchiveMetadata> {
  const bytes = await readPkgInfo(file, filename, isStrict)
  if (!bytes) throw new ArchiveProblem('missing', 'the archive has no PKG-INFO in its top folder')
  return { bytes, metadata: parseMetadata(bytes) }
}

async function readPkgInfo(
  file: ArchiveSource,
  filename: string,
  isStrict: boolean,
): Promise<Buffer | undefined> {
  if (filename.endsWith('.zip')) return await readZipped(file, isStrict)
  if (/\.(?:tar\.gz|tgz)$/.test(filename)) {
    const { readTarMember } = await import('./tar-archive.ts')
    return await readTarMember(file, { wanted: PKG_INFO, isStrict })
  }
  throw new ArchiveProblem('unreadable', `${filename} is neither a .tar.gz nor a .zip`)
}

async function readZipped(file: ArchiveSource, isStrict: boolean): Promise<Buffer | undefined> {
  return await withZip(file, PKG_INFO, async ({ members, tops, read }) => {
    if (isStrict) assertOneTop(tops)
    const [path] = members.keys()
    return path === undefined ? undefined : await read(path)
  })
}
