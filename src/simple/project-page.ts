/** The page of a project: links to bytes. */
import { escapeHtml } from '#python/html-escape'
import type { PageFile } from '#python/simple-page'
import { writeProjectHtml } from '#python/simple-page-html'
import { writeProjectJson } from '#python/simple-page-json'
import type { ProjectName } from '#python/name'
import { inPortions, sortInSteps, type Steps } from '#python/steps'
import { compareRead, readVersion, sortByVersion } from '#python/version-order'
import { offeredMetadata, type FileEntry } from '#registry/files'
import { makesMetadata, type IndexName, type NamedIndex } from '#registry/indexes'
import type { Link, ProjectLinks, Scope } from '#registry/links'
import { fileAddresses, type AddressPlace } from './file-address.ts'
import type { SimpleFormat } from './format.ts'

export interface LinkPlace extends AddressPlace {
  /** The indexes that make core metadata where upstream has none. */
  readonly makers?: ReadonlySet<IndexName>
}

export interface PagePlace extends LinkPlace {
  readonly scope: Scope
  readonly format: SimpleFormat
  /** With the owners of files, the newest first, and what people may want to know and do (devpi-http 4.9). */
  readonly isForPeople: boolean
}

/** In steps: a page may have very many files. */
export function* renderProjectPage(
  found: ProjectLinks,
  project: ProjectName,
  place: PagePlace,
): Steps<string> {
  const { status, upstreamSerial, isPoliced } = found
  const links = place.isForPeople ? yield* newestFirst(found.links) : found.links
  const makers = makersAmong(found.sources.order)
  const page = {
    name: project,
    files: links.values().map(fileMaker({ ...place, isPoliced, makers })),
    ...(status ? { status } : {}),
    ...(upstreamSerial === undefined ? {} : { lastSerial: upstreamSerial }),
  }
  if (place.format === 'json') {
    return yield* writeProjectJson({ ...page, versions: yield* listVersions(links) })
  }
  return yield* writeProjectHtml(page, {
    title: `${place.index}: links for ${project}`,
    ...(place.isForPeople && {
      intro: introOf(found, place),
      labels: links.map(({ index }) => index),
    }),
  })
}

export const makersAmong = (indexes: readonly NamedIndex[]): ReadonlySet<IndexName> =>
  new Set(indexes.filter(({ entry }) => makesMetadata(entry)).map(({ name }) => name))

/** By version, then by what follows it in the file's name: of one release, sdists come before wheels. */
function* newestFirst(links: readonly Link[]): Steps<Link[]> {
  const read: ReadLink[] = []
  for (const portion of inPortions(links)) {
    read.push(...portion.map(readLink))
    yield
  }
  const sorted = yield* sortInSteps(
    read,
    (a, b) =>
      compareRead(b.version, a.version) ||
      Number(a.ending < b.ending) - Number(a.ending > b.ending),
  )
  return sorted.map(({ link }) => link)
}

const readLink = (link: Link) => ({
  link,
  version: readVersion(link.file.version),
  ending: endingOf(link.filename),
})
type ReadLink = ReturnType<typeof readLink>

const endingOf = (filename: string): string =>
  /(?:-[^-]+){3}\.whl$|(?:\.tar)?\.[^.]*$/.exec(filename)?.[0] ?? ''

/** A button, where mirrors have the project; a word for each that is not asked. As devpi writes them. */
function introOf(
  { sources: { order, blocked }, holders }: ProjectLinks,
  { scope }: PagePlace,
): string {
  const isMirror = order[0]?.entry.type === 'mirror'
  const hasMirror =
    scope === 'all' &&
    order.some(({ name, entry }) => entry.type === 'mirror' && holders.includes(name))
  const button = `<input name="refresh" type="submit" value="Refresh${isMirror ? '' : ' mirror links'}">`
  const form = hasMirror ? `<form action="refresh" method="post">${button}</form>\n` : ''
  const notices = blocked.map(
    (name) =>
      `<p><strong>INFO:</strong> Because this project isn't in the <code>mirror_whitelist</code>, no releases from <strong>${escapeHtml(name)}</strong> are included.</p>\n`,
  )
  return form + notices.join('')
}

/** Every version that has a file, oldest first (PEP 700). */
const listVersions = (links: readonly Link[]): Steps<string[]> =>
  sortByVersion(new Set(links.map(({ file }) => file.version)), (version) => version)

/** A page's files, made of links. */
export function fileMaker(place: LinkPlace): (link: Link) => PageFile {
  const addressOf = fileAddresses(place)
  return (link) => {
    const { index, filename, file } = link
    const { size, uploadedAt, requiresPython, yanked, upstream } = file
    const metadata = offeredMetadata(file, filename, place.makers?.has(index) ?? false)
    return {
      filename,
      url: addressOf(link),
      hashes: shownHashes(file),
      size,
      uploadedAt,
      requiresPython: requiresPython || undefined,
      yanked,
      coreMetadata: typeof metadata === 'string' ? { sha256: metadata } : metadata,
      provenance: upstream?.provenance,
    }
  }
}

/** Those that are listed, with the SHA-256 that a mirrored file turned out to have. */
const shownHashes = ({ hashes, digest }: FileEntry): FileEntry['hashes'] =>
  digest === undefined || hashes['sha256'] !== undefined ? hashes : { sha256: digest, ...hashes }
