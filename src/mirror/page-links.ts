/** A page of upstream as entries of ours: what is kept of it, and what is left out. */
import { createHash } from 'node:crypto'
import { parseSha256 } from '#base/digest'
import { distributionVersion, parseFilename } from '#python/filename'
import type { ProjectName } from '#python/name'
import type { PageFile, ProjectPage } from '#python/simple-page'
import type { Steps } from '#python/steps'
import type { FileEntry } from '#registry/files'
import type { ProjectStatus } from '#registry/projects'
import { cleanUrl } from './address.ts'

/** What a page says of a file; when we first saw it stands in the ledger. */
export type Link = Omit<FileEntry, 'addedAt'>

export interface PageLinks {
  readonly status: ProjectStatus | undefined
  readonly links: ReadonlyMap<string, Link>
  /** Over all of it: equal fingerprints mean equal links. */
  readonly fingerprint: string
  /** Distributions of other projects, which are left out. */
  readonly strangers: readonly string[]
  /** Files whose addresses hold credentials, which are left out of them. */
  readonly withCredentials: readonly string[]
}

export interface LinkOptions {
  /** The mirror's upstream serves `.metadata` files, whatever its pages say. */
  readonly providesMetadata: boolean
  /** Files elsewhere are left out: `http://host/user/index/`. */
  readonly below?: string | undefined
}

const LONGEST_FILENAME = 255
/** Signed addresses have two thousand characters. */
const LONGEST_URL = 8192

export function* readLinks(
  page: ProjectPage,
  project: ProjectName,
  options: LinkOptions,
): Steps<PageLinks> {
  const links = new Map<string, Link>()
  const strangers: string[] = []
  const withCredentials: string[] = []
  for (const file of page.files) {
    const link = makeLink(file, project, options)
    if (link && !links.has(file.filename)) links.set(file.filename, link)
    if (!link && isStranger(file, project)) strangers.push(file.filename)
    if (link && /^https?:\/\/[^/?#]*@/i.test(file.url)) withCredentials.push(file.filename)
    yield
  }
  const status = statusOf(page)
  const fingerprint = yield* fingerprintOf(status, links)
  return { status, links, fingerprint, strangers, withCredentials }
}

/** Of another project for sure, by its name. */
function isStranger({ filename }: PageFile, project: ProjectName): boolean {
  if (!isSafeFilename(filename)) return false
  const file = parseFilename(filename, project)
  return file !== undefined && file.kind !== 'legacy' && file.name !== project
}

/** Undefined for a name that is no file of the project, or would be none of a path. */
function makeLink(file: PageFile, project: ProjectName, options: LinkOptions): Link | undefined {
  const { filename, hashes, size, uploadedAt, requiresPython } = file
  if (!isSafeFilename(filename)) return undefined
  const version = distributionVersion(filename, project)
  const url = cleanUrl(file.url)
  if (version === undefined || url === undefined || url.length > LONGEST_URL) return undefined
  if (options.below !== undefined && !url.startsWith(options.below)) return undefined

  const digest = hashes['sha256'] === undefined ? undefined : parseSha256(hashes['sha256'])
  const yanked = yankedOf(file)
  const metadata = metadataOf(file, options)
  const provenance = file.provenance === undefined ? undefined : cleanUrl(file.provenance)
  return {
    hashes,
    version,
    upstream: { url, ...(provenance !== undefined && { provenance }) },
    ...(digest !== undefined && { digest }),
    ...(size !== undefined && { size }),
    ...(uploadedAt !== undefined && { uploadedAt }),
    ...(requiresPython !== undefined && requiresPython !== '' && { requiresPython }),
    ...(yanked !== undefined && { yanked }),
    ...(metadata !== undefined && { metadata }),
  }
}

function isSafeFilename(filename: string): boolean {
  return (
    filename !== '' &&
    filename.length <= LONGEST_FILENAME &&
    !/[/\\\p{Cc}]/u.test(filename) &&
    !filename.includes('..')
  )
}

function yankedOf({ yanked }: PageFile): true | string | undefined {
  if (yanked === undefined || yanked === false) return undefined
  return yanked === true || yanked === '' ? true : yanked.replaceAll('\0', '')
}

/** Of wheels only: nobody needs it of an sdist, and it could not be made here when it is missing. */
function metadataOf(
  { filename, coreMetadata }: PageFile,
  { providesMetadata }: LinkOptions,
): Link['metadata'] {
  if (!filename.endsWith('.whl')) return undefined
  if (typeof coreMetadata === 'object') return parseSha256(coreMetadata['sha256'] ?? '') ?? true
  return coreMetadata === true || providesMetadata ? true : undefined
}

function statusOf({ status }: ProjectPage): ProjectStatus | undefined {
  return status === undefined || status.status === 'active' ? undefined : status
}

/** Of the JSON of `[status, sorted links]`. */
function* fingerprintOf(
  status: ProjectStatus | undefined,
  links: ReadonlyMap<string, Link>,
): Steps<string> {
  const sorted = [...links.keys()].sort()
  const hash = createHash('sha256').update(`[${JSON.stringify(status ?? null)},[`)
  for (const [at, name] of sorted.entries()) {
    hash.update(`${at === 0 ? '' : ','}${JSON.stringify([name, links.get(name)])}`)
    yield
  }
  return hash.update(']]').digest('hex')
}
