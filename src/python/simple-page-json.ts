/** Project pages in JSON: PEP 691 with what PEP 700, 714, 740 and 792 added. */
import { distributionVersion } from './filename.ts'
import { readPieces } from './json-pieces.ts'
import { normalizeName, type ProjectName } from './name.ts'
import {
  cleanText,
  isSafeFilename,
  projectOfPage,
  readHash,
  readProvenance,
  readSize,
  readTime,
  resolveFile,
  withoutAbsent,
} from './page-field.ts'
import {
  API_VERSION,
  assertKnownApiVersion,
  MOST_FILES,
  type PageFile,
  type PrintedPage,
  type ProjectPage,
  type ProjectStatus,
  UnreadablePage,
} from './simple-page.ts'
import { atOnce, inPortions, type Steps } from './steps.ts'

type Json = Readonly<Record<string, unknown>>

/** Throws `UnreadablePage` where the page as a whole is none; single broken files are left out. */
export const parseProjectJson = (text: string, pageUrl: string): ProjectPage =>
  atOnce(readProjectJson(text, pageUrl))

/** The same in steps. */
export function* readProjectJson(text: string, pageUrl: string): Steps<ProjectPage> {
  const values: Record<string, unknown> = Object.create(null)
  let files: PageFile[] = []
  let versions = new Set<string>()
  const lists = new Set<string>()
  let count = 0
  yield* readPieces(text, {
    lists: ['files', 'versions'],
    onList(path) {
      lists.add(path)
      if (path === 'files') files = []
      else versions = new Set()
    },
    onElement(path, element) {
      count += 1
      if (count > 2 * MOST_FILES) throw tooMany()
      const file = path === 'files' ? readFile(element, pageUrl) : undefined
      if (file && files.push(file) > MOST_FILES) throw tooMany()
      if (path === 'versions' && isText(element)) versions.add(element)
    },
    onValue(path, value) {
      lists.delete(path)
      if (USED.has(path)) values[path] = value
    },
  })
  const meta = isObject(values['meta']) ? values['meta'] : {}
  assertKnownApiVersion(asText(meta['api-version']))
  if (!lists.has('files')) throw new UnreadablePage('the page has no list of files')
  const { name } = values

  return withoutAbsent<ProjectPage>({
    name: typeof name === 'string' ? normalizeName(name) : projectOfPage(pageUrl),
    files,
    versions: lists.has('versions') ? [...versions] : undefined,
    status: readStatus(values['project-status']),
    lastSerial: readSize(meta['_last-serial']),
  })
}

const USED = new Set(['meta', 'name', 'project-status'])

const tooMany = (): UnreadablePage =>
  new UnreadablePage(`it has more than ${MOST_FILES} files or versions`)

export const printProjectJson = (page: ProjectPage): string =>
  atOnce(writeProjectJson({ ...page, versions: page.versions ?? versionsOf(page) }))

/** The same in steps. */
export function* writeProjectJson(page: PrintedPage): Steps<string> {
  const { name, files, status, lastSerial, versions } = page
  const meta = { 'api-version': API_VERSION, '_last-serial': lastSerial }
  const head = JSON.stringify({ meta, name, 'project-status': status, versions })
  const printed: string[] = []
  for (const portion of inPortions(files)) {
    printed.push(JSON.stringify(portion.map(shownFile)).slice(1, -1))
    yield
  }
  return `${head.slice(0, -1)},"files":[${printed.join(',')}]}`
}

/** Keys without value are left out: some clients give up on a page with a null in it. */
function shownFile(file: PageFile): Json {
  const { requiresPython, yanked, coreMetadata } = file
  return {
    filename: file.filename,
    url: file.url,
    hashes: file.hashes,
    size: file.size,
    'upload-time': file.uploadedAt,
    'requires-python': requiresPython ? cleanText(requiresPython) : undefined,
    yanked: typeof yanked === 'string' ? cleanText(yanked) || true : yanked || undefined,
    'core-metadata': coreMetadata || undefined,
    provenance: file.provenance,
    'gpg-sig': file.gpgSig,
  }
}

/** PEP 700: every version of the files, once each. */
function versionsOf({ name, files }: ProjectPage): string[] {
  const project: ProjectName = name
  return [...new Set(files.flatMap(({ filename }) => distributionVersion(filename, project) ?? []))]
}

function readFile(file: unknown, pageUrl: string): PageFile | undefined {
  if (!isObject(file)) return undefined
  const { filename, url } = file
  if (!isText(filename) || !isSafeFilename(filename) || !isText(url)) return undefined
  const address = resolveFile(url, pageUrl)
  const hashes = readHashes(file['hashes'] ?? {})
  if (!address || !hashes) return undefined

  return withoutAbsent<PageFile>({
    filename,
    url: address.url,
    hashes,
    size: readSize(file['size']),
    uploadedAt: isText(file['upload-time']) ? readTime(file['upload-time']) : undefined,
    requiresPython: isText(file['requires-python']) ? file['requires-python'] : undefined,
    yanked: readYanked(file['yanked']),
    coreMetadata: readCoreMetadata(file),
    provenance: isText(file['provenance']) ? readProvenance(file['provenance']) : undefined,
    gpgSig: typeof file['gpg-sig'] === 'boolean' ? file['gpg-sig'] : undefined,
  })
}

/** Undefined if one of them is broken: a file must not lose the hash that would have caught a forgery. */
function readHashes(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined
  const hashes = Object.entries(value).map(([algorithm, hex]) => readHash(algorithm, hex))
  return hashes.every((hash) => hash !== undefined) ? Object.fromEntries(hashes) : undefined
}

function readYanked(value: unknown): boolean | string | undefined {
  if (value === true) return true
  return isText(value) ? cleanText(value) || true : undefined
}

/** PEP 714 renamed the key; the longest form is a mistake of a large index that some clients read. */
function readCoreMetadata(file: Json): PageFile['coreMetadata'] {
  const value =
    file['core-metadata'] ?? file['dist-info-metadata'] ?? file['data-dist-info-metadata']
  if (typeof value === 'boolean') return value
  if (!isObject(value)) return undefined
  const hashes = readHashes(value)
  return hashes && Object.keys(hashes).length > 0 ? hashes : true
}

function readStatus(value: unknown): ProjectStatus | undefined {
  if (!isObject(value) || !isText(value['status'])) return undefined
  const { status, reason } = value
  return isText(reason) ? { status, reason } : { status }
}

/** A number, too, is a version to those who forget the quotes. */
function asText(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
