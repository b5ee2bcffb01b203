/** A file of a release as it is looked into: which one it is, whether it is here, what is in it. */
import { refuse } from '#base/refusal'
import type { Call } from '#http/route'
import type { ArchiveListing } from '#python/archive-listing'
import { normalizeLoosely, type ProjectName } from '#python/name'
import { fileFolder } from '#registry/file-path'
import type { Archive, FileContents } from '#registry/file-contents'
import { indexName, type IndexName } from '#registry/indexes'
import type { Link, ProjectLinks } from '#registry/links'
import {
  findProjectRelease,
  listProjectReleases,
  type ProjectRelease,
} from '#registry/project-releases'
import type { Addresses } from './addresses.ts'
import type { WebParts } from './parts.ts'
import type { FileFacts } from './views/contents.ts'

/** What a call's address says of it. */
export interface AskedProject {
  readonly index: IndexName
  readonly project: ProjectName
}

export const askedProject = ({ params }: Call): AskedProject => ({
  index: indexName(params['user'] ?? '', params['index'] ?? ''),
  project: normalizeLoosely(params['project'] ?? ''),
})

export interface InsideFile {
  readonly link: Link
  readonly facts: FileFacts
  /** Undefined where it is not stored here. */
  readonly archive: Archive | undefined
}

/** All that the index offers of a project, oldest release first. */
export async function findReleases(
  parts: WebParts,
  { index, project }: AskedProject,
): Promise<{ readonly links: ProjectLinks; readonly releases: readonly ProjectRelease[] }> {
  const links = await parts.links(index, project)
  const releases = await parts.ledger.read((tx) => listProjectReleases(tx, links, project))
  return { links, releases }
}

/** Refuses what the index does not offer. */
export async function findInsideFile(
  parts: WebParts,
  asked: AskedProject & { readonly version: string; readonly filename: string },
  addresses: Addresses,
): Promise<InsideFile> {
  const { index, project, version, filename } = asked
  const { links, releases } = await findReleases(parts, asked)
  const release = findProjectRelease(releases, version)
  if (!release) throw refuse('release-missing', { version, project })
  const link = release.links.find((one) => one.filename === filename)
  if (!link) throw refuse('file-missing')
  return {
    link,
    facts: {
      ...{ index, project, filename },
      version: release.version,
      fileAddress: fileAddress(asked.index, link, links, addresses),
      size: link.file.size,
    },
    archive: await findArchive(parts, link),
  }
}

function fileAddress(
  asked: IndexName,
  { index, file, filename }: Link,
  { isPoliced }: ProjectLinks,
  addresses: Addresses,
): string {
  return addresses.file(`${isPoliced ? asked : index}/${fileFolder(file)}/${filename}`)
}

/** A look at a page never fetches a file: it may be large. */
export async function findArchive(
  { blobs }: Pick<WebParts, 'blobs'>,
  { file, filename }: Link,
): Promise<Archive | undefined> {
  const digest = file.digest ?? file.hashes['sha256']
  if (digest === undefined || (await blobs.size(digest)) === undefined) return undefined
  return { digest, filename }
}

export async function listInside(
  contents: FileContents,
  archive: Archive | undefined,
): Promise<ArchiveListing | 'absent' | 'closed'> {
  return archive ? ((await contents.list(archive)) ?? 'closed') : 'absent'
}
