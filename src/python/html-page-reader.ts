/** Project pages read from HTML. What is printed stands in `simple-page-html.ts`. */
import { packageType } from './filename.ts'
import { anchorParser, piecesOf, type Attributes } from './html-anchors.ts'
import {
  cleanText,
  isSafeFilename,
  isWeb,
  projectOfPage,
  readHash,
  readProvenance,
  readSize,
  readTime,
  resolveFile,
  withoutAbsent,
} from './page-field.ts'
import {
  assertKnownApiVersion,
  MOST_FILES,
  UnreadablePage,
  type PageFile,
  type ProjectPage,
  type ProjectStatus,
} from './simple-page.ts'
import { atOnce, type Steps } from './steps.ts'

/** On a page that has the files of many projects. */
export const MOST_LISTED = 150_000

const METAS = new Set([
  'pypi:repository-version',
  'pypi:project-status',
  'pypi:project-status-reason',
])

/** Anchors to what is no distribution are left out. Throws `UnreadablePage` for a later API, and for too much. */
export const parseProjectHtml = (html: string | Iterable<string>, pageUrl: string): ProjectPage =>
  atOnce(readProjectHtml(html, pageUrl))

/** The same in steps. */
export function* readProjectHtml(
  html: string | Iterable<string>,
  pageUrl: string,
  mostLinks = MOST_FILES,
): Steps<ProjectPage> {
  const files = new Map<string, PageFile>()
  const metas = new Map<string, string>()
  let base: string | undefined
  let links = 0

  const parser = anchorParser({
    onBase({ href }) {
      if (href === undefined || base !== undefined) return
      const url = URL.parse(href, pageUrl)
      base = url && isWeb(url) ? url.href : pageUrl
    },
    onMeta({ name = '', content = '' }) {
      if (METAS.has(name) && !metas.has(name)) metas.set(name, content)
    },
    onAnchor(attributes) {
      links += 1
      if (links > mostLinks) throw new UnreadablePage(`it has more than ${mostLinks} links`)
      const file = readAnchor(attributes, base ?? pageUrl)
      if (!file) return
      const known = files.get(file.filename)
      if (!known || (!hasHash(known) && hasHash(file))) files.set(file.filename, file)
    },
  })
  for (const piece of typeof html === 'string' ? piecesOf(html) : html) {
    parser.write(piece)
    yield
  }
  parser.end()

  assertKnownApiVersion(metas.get('pypi:repository-version'))
  return withoutAbsent<ProjectPage>({
    name: projectOfPage(pageUrl),
    files: [...files.values()],
    versions: undefined,
    status: readStatus(metas),
    lastSerial: undefined,
  })
}

function readAnchor(attributes: Attributes, base: string): PageFile | undefined {
  const address = attributes['href'] ? resolveFile(attributes['href'], base) : undefined
  if (!address) return undefined
  const { filename, url, hash } = address
  if (!isSafeFilename(filename) || packageType(filename) === undefined) return undefined

  const provenance = attributes['data-provenance']
  const uploadedAt = attributes['data-upload-time']
  return withoutAbsent<PageFile>({
    filename,
    url,
    hashes: readFragment(hash),
    size: readSize(Number(attributes['data-size'] ?? Number.NaN)),
    uploadedAt: uploadedAt === undefined ? undefined : readTime(uploadedAt),
    requiresPython: attributes['data-requires-python'] || undefined,
    yanked: readYanked(attributes['data-yanked']),
    coreMetadata: readCoreMetadata(
      attributes['data-core-metadata'] ?? attributes['data-dist-info-metadata'],
    ),
    provenance: provenance === undefined ? undefined : readProvenance(provenance),
    gpgSig: readBoolean(attributes['data-gpg-sig']),
  })
}

/** Some old pages carry `egg=…` beside the hash. */
function readFragment(fragment: string): Record<string, string> {
  for (const part of fragment.split('&')) {
    const hash = readHashText(part)
    if (hash) return Object.fromEntries([hash])
  }
  return {}
}

const HASH = /^(md5|sha1|sha224|sha256|sha384|sha512|blake2b)=(.*)$/

function readHashText(text: string): ReturnType<typeof readHash> {
  const [, algorithm, value] = HASH.exec(text) ?? []
  return algorithm === undefined ? undefined : readHash(algorithm, value)
}

/** The attribute alone yanks, whatever its value. */
function readYanked(value: string | undefined): boolean | string | undefined {
  return value === undefined ? undefined : cleanText(value) || true
}

function readCoreMetadata(value: string | undefined): PageFile['coreMetadata'] {
  const hash = value === undefined ? undefined : readHashText(value)
  return hash ? Object.fromEntries([hash]) : readBoolean(value)
}

function readBoolean(value: string | undefined): boolean | undefined {
  return value === 'true' ? true : value === 'false' ? false : undefined
}

function readStatus(metas: ReadonlyMap<string, string>): ProjectStatus | undefined {
  const status = metas.get('pypi:project-status')
  const reason = metas.get('pypi:project-status-reason')
  if (!status) return undefined
  return reason ? { status, reason } : { status }
}

function hasHash(file: PageFile): boolean {
  return Object.keys(file.hashes).length > 0
}
