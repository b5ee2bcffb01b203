/** Whether an upload agrees with itself: its name, version, file name, and what the archive says. */
import { refuse } from '#base/refusal'
import type { ArchiveSource } from '#python/archive-source'
import { candidateProjects, distributionVersion } from '#python/filename'
import { metadataField, type CoreMetadata } from '#python/metadata'
import { normalizeLoosely, normalizeName, type ProjectName } from '#python/name'
import { compareVersions, parseVersion } from '#python/version'
import { readArchiveFacts, type ArchiveFacts } from '#registry/archive-facts'

export type { ArchiveFacts } from '#registry/archive-facts'

const invalid = (reason: string) => refuse('upload-invalid', { reason })

/** Below what file systems take, also with the endings that clients put behind it. */
const MAX_FILENAME = 240

const ARCHIVE_NAME = /.+?\.(?:exe|tar\.gz|bz2|rpm|deb|zip|tgz|egg|dmg|msi|whl)$/i

/** A file name becomes a segment of URLs and keys, and a name on somebody's disk. */
export function assertPlainFilename(filename: string): void {
  if (filename === '') throw invalid('content file field not found')
  const isPlain =
    filename.length <= MAX_FILENAME &&
    filename.isWellFormed() &&
    !/[/\\\p{Cc}\u2028\u2029]/u.test(filename) &&
    !filename.startsWith('.') &&
    !filename.includes('..')
  if (!isPlain) {
    throw invalid(`content: ${JSON.stringify(filename.slice(0, 100))} is not a valid archive name`)
  }
}

/** devpi's checks in devpi's order and words. Returns the version that the file's name has, in normal form. */
export function checkFilename(
  filename: string,
  { project, name, version }: { project: ProjectName; name: string; version: string },
): string {
  const ofFile = distributionVersion(filename, project)
  const escaped = version.replaceAll(/[^\w.]+/g, '_')
  const isNamed = filename.includes(version) || filename.includes(escaped)
  if (!isNamed && !isSameVersion(ofFile, version)) {
    throw invalid(`filename '${filename}' does not contain version '${version}'`)
  }
  if (!ARCHIVE_NAME.test(filename)) throw invalid(`'${filename}' is not a valid archive name`)
  const isOwn = candidateProjects(filename).some((name) => normalizeLoosely(name) === project)
  if (!isOwn) throw invalid(`filename '${filename}' does not match project name '${name}'`)
  return ofFile ?? version
}

export function isSameVersion(a: string | undefined, b: string): boolean {
  if (a === undefined) return false
  const [left, right] = [parseVersion(a), parseVersion(b)]
  return left && right ? compareVersions(left, right) === 0 : a === b
}

/**
 * Reads the archive's core metadata. A file that is no readable archive is taken without; one made to
 * harm is refused.
 */
export async function readArchive(source: ArchiveSource, filename: string): Promise<ArchiveFacts> {
  const facts = await readArchiveFacts(source, filename)
  if (facts.isHostile) throw invalid(`Invalid distribution file. ${facts.problem}.`)
  return facts
}

/** Whether the archive is of that project and version. */
export function agrees(metadata: CoreMetadata, project: ProjectName, version: string): boolean {
  const name = metadataField(metadata, 'name')
  return (
    name !== undefined &&
    normalizeName(name) === project &&
    isSameVersion(metadataField(metadata, 'version'), version)
  )
}
