/** Where an index serves a file, and back: `+f/3/13/NAME` by hash, `+e/DIR/NAME` for one without (devpi's layout). */
import { candidateProjects, distributionVersion } from '#python/filename'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { parseVersion } from '#python/version'
import type { FileEntry } from './files.ts'
import { findIndex, type IndexName } from './indexes.ts'
import { keys, type FilePlace } from './keys.ts'

/** The folder that a file lies in below its index: `+f/abc/0123456789abc` or `+e/http_host_path`. */
export function fileFolder(file: FileEntry): string {
  const hash = bestHash(file)
  // devpi's layout needs four digits; upstreams have been seen with less than a real hash
  if (hash !== undefined && hash.length > 3) return hashFolder(hash)
  return `+e/${externalFolder(file.upstream?.url ?? '')}`
}

export const hashFolder = (hash: string): string => `+f/${hash.slice(0, 3)}/${hash.slice(3, 16)}`

/** The hash that names the file: SHA-256, else MD5, else the first. It never changes while the file lives. */
export function bestHash({ hashes }: Pick<FileEntry, 'hashes'>): string | undefined {
  return hashes.sha256 ?? hashes.md5 ?? Object.values(hashes)[0]
}

function externalFolder(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  const folder = pathname.slice(0, pathname.lastIndexOf('/'))
  return `${protocol.slice(0, -1)}/${host}${folder}`.replace(/[^a-zA-Z0-9_.-]/g, '_')
}

/**
 * The projects that a file most likely belongs to, by its name: those that leave a version behind. A file that
 * nobody has seen yet is looked for under these.
 */
export function likelyProjects(filename: string): ProjectName[] {
  return candidateProjects(filename).filter((project) => {
    const version = distributionVersion(filename, project)
    return version !== undefined && parseVersion(version) !== undefined
  })
}

export interface FoundFile extends FilePlace {
  readonly file: FileEntry
}

/** The live file at a path of an index that is there: what a removed one held may take a moment to go. */
export async function findFile(
  tx: ReadTransaction,
  index: IndexName,
  folder: string,
  filename: string,
): Promise<FoundFile | undefined> {
  if (!(await findIndex(tx, index))) return undefined
  for (const project of candidateProjects(filename)) {
    const file = await tx.get(keys.file(index, project, filename))
    if (file && fileFolder(file) === folder) return { index, project, filename, file }
  }
  return undefined
}

/** Whether a file was at that path once. */
export async function wasFileThere(
  tx: ReadTransaction,
  index: IndexName,
  folder: string,
  filename: string,
): Promise<boolean> {
  for (const project of candidateProjects(filename)) {
    const lives = await tx.history(keys.file(index, project, filename))
    if (lives.some(({ value }) => fileFolder(value) === folder)) return true
  }
  return false
}
