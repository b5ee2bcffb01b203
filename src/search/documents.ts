/** What is searchable of a project: read from the ledger, and from the blobs that it names. */
import type { BlobStore } from '#blobs/blob-store'
import type { ReadTransaction } from '#ledger/transaction'
import { buffer } from 'node:stream/consumers'
import { parseMetadata } from '#python/metadata'
import { parseVersion } from '#python/version'
import { compareVersionTexts } from '#python/version-order'
import type { DocsEntry } from '#registry/docs'
import type { FileEntry } from '#registry/files'
import { keys } from '#registry/keys'
import { readCoreMetadata, type GivenMetadata } from '#registry/releases'
import type { IndexedDocument, IndexedProject, ProjectPlace } from './backend.ts'
import type { DocsText } from './docs-text.ts'

/** What the ledger tells of a project. */
export interface ProjectSource extends ProjectPlace {
  readonly serial: number
  readonly spelling: string
  readonly version: string | undefined
  /** Of the latest version, as it was registered. */
  readonly metadata: GivenMetadata | undefined
  /** Core metadata of a wheel of the latest version, where nothing was registered. */
  readonly metadataDigest: string | undefined
  readonly filenames: readonly string[]
  readonly docs: { readonly version: string; readonly entry: DocsEntry } | undefined
}

/** Undefined where the index does not have it. */
export async function findProjectSource(
  tx: ReadTransaction,
  { index, project }: ProjectPlace,
): Promise<ProjectSource | undefined> {
  if (!(await tx.get(keys.index(index)))) return undefined
  const entry = await tx.get(keys.project(index, project))
  if (!entry) return undefined
  const registered = newestOf(await tx.listNames(keys.versions(index, project)))
  const files = await tx.list(keys.files(index, project))
  const version = registered ?? newestOf(files.map(({ value }) => value.version))
  const docs = await tx.list(keys.docsOf(index, project))
  const documented = newestOf(docs.map(({ name }) => name))
  const docsEntry = docs.find(({ name }) => name === documented)?.value
  return {
    ...{ index, project, version, serial: tx.serial, spelling: entry.name },
    metadata:
      registered === undefined ? undefined : await tx.get(keys.version(index, project, registered)),
    metadataDigest: registered === undefined ? findMetadata(files, version) : undefined,
    filenames: files.map(({ name }) => name),
    docs:
      documented !== undefined && docsEntry ? { version: documented, entry: docsEntry } : undefined,
  }
}

function findMetadata(
  files: readonly { readonly value: FileEntry }[],
  version: string | undefined,
): string | undefined {
  for (const { value } of files) {
    if (value.version === version && typeof value.metadata === 'string') return value.metadata
  }
  return undefined
}

/** What is no version by the standard counts only where there is nothing else. */
function newestOf(versions: readonly string[]): string | undefined {
  const proper = versions.filter((text) => parseVersion(text))
  return (proper.length > 0 ? proper : versions).toSorted(compareVersionTexts).at(-1)
}

export interface Extracting {
  readonly blobs: BlobStore
  readonly docs: DocsText
}

const LARGEST_METADATA = 16 * 1024 * 1024
/** Characters of a document; more of it is not searched. */
const LONGEST_TEXT = 400_000

/** Reads what the ledger only names. What cannot be read as what it should be is left out. */
export async function readDocuments(
  source: ProjectSource,
  { blobs, docs }: Extracting,
): Promise<IndexedProject> {
  const { index, project, serial, spelling, version } = source
  const metadata = source.metadata ?? (await readMetadata(blobs, source.metadataDigest))
  const pages = source.docs ? await docs.read(source.docs.entry.digest) : []
  const documents = [
    ...metadataDocuments(metadata),
    ...fileDocument(source.filenames),
    ...pages.flatMap(pageDocuments),
  ]
  const classifiers = listOf(metadata['classifiers']).map((value) => value.toLowerCase())
  return {
    ...{ index, project, serial, spelling, version },
    docsVersion: source.docs?.version,
    summary: textOf(metadata['summary']).slice(0, 1000),
    classifiers: [...classifiers, ...classifiers.flatMap((value) => value.split(' :: '))],
    keywords: textOf(metadata['keywords'])
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean),
    documents: documents.map((one) => ({ ...one, text: tidyText(one.text) })),
  }
}

async function readMetadata(blobs: BlobStore, digest: string | undefined): Promise<GivenMetadata> {
  if (digest === undefined) return {}
  const size = await blobs.size(digest)
  if (size === undefined || size > LARGEST_METADATA) return {}
  const blob = await blobs.open(digest)
  return blob ? readCoreMetadata(parseMetadata(await buffer(blob.stream))) : {}
}

const METADATA = ['summary', 'keywords', 'description', 'author', 'author_email'] as const

const metadataDocuments = (metadata: GivenMetadata): IndexedDocument[] =>
  METADATA.map((type) => ({ type, text: authorToo(metadata, type) })).filter(
    ({ text }) => text.trim() !== '',
  )

/** Who looks after a project is found as who wrote it is. */
function authorToo(metadata: GivenMetadata, type: (typeof METADATA)[number]): string {
  if (type !== 'author' && type !== 'author_email') return textOf(metadata[type])
  const names = [textOf(metadata[type]), textOf(metadata[type.replace('author', 'maintainer')])]
  return [...new Set(names.filter(Boolean))].join(', ')
}

const fileDocument = (filenames: readonly string[]): IndexedDocument[] =>
  filenames.length === 0 ? [] : [{ type: 'file', text: filenames.join(' ') }]

function pageDocuments({ path, title, text }: DocsPageText): IndexedDocument[] {
  const shown = { path, title: tidyText(title).slice(0, 300) || path }
  return [
    { type: 'title', ...shown, text: shown.title },
    { type: 'page', ...shown, text },
  ]
}

/** A page of documentation without its markup. */
export interface DocsPageText {
  /** Without its ending. */
  readonly path: string
  readonly title: string
  readonly text: string
}

const tidyText = (text: string): string =>
  text.slice(0, LONGEST_TEXT).toWellFormed().replaceAll('\0', '').replace(/\s+/g, ' ').trim()

const textOf = (value: string | readonly string[] | undefined): string =>
  typeof value === 'string' ? value : (value?.join(' ') ?? '')

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? [])
