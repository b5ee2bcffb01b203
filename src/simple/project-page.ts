/** The page of a project: links to bytes. */
import type { PageFile } from '#python/simple-page'
import { printProjectHtml } from '#python/simple-page-html'
import { printProjectJson } from '#python/simple-page-json'
import type { ProjectName } from '#python/name'
import { compareVersionTexts } from '#python/version'
import { fileFolder } from '#registry/file-path'
import type { IndexName } from '#registry/indexes'
import type { Link, ProjectLinks } from '#registry/links'
import type { SimpleFormat } from './format.ts'

/** Where the links of a page point from: they are relative to it, unless there is an absolute `root`. */
export interface PagePlace {
  readonly index: IndexName
  /** How many `../` lead from the page to its index. */
  readonly depth: number
  readonly root?: string | undefined
}

export function renderProjectPage(
  { links, status, upstreamSerial }: ProjectLinks,
  project: ProjectName,
  place: PagePlace,
  format: SimpleFormat,
): string {
  const page = {
    name: project,
    versions: listVersions(links),
    files: links.map((link) => pageFile(link, place)),
    ...(status ? { status } : {}),
    ...(upstreamSerial === undefined ? {} : { lastSerial: upstreamSerial }),
  }
  if (format === 'json') return printProjectJson(page)
  return printProjectHtml(page, { title: `${place.index}: links for ${project}` })
}

/** Every version that has a file, oldest first (PEP 700). */
function listVersions(links: readonly Link[]): string[] {
  const versions = new Set(links.map(({ file }) => file.version))
  return [...versions].sort(compareVersionTexts)
}

function pageFile({ index, filename, file }: Link, place: PagePlace): PageFile {
  const { hashes, size, uploadedAt, requiresPython, yanked, metadata, upstream } = file
  return {
    filename,
    url: `${urlOfIndex(index, place)}${fileFolder(file)}/${encodeFilename(filename)}`,
    hashes,
    ...(size === undefined ? {} : { size }),
    ...(uploadedAt === undefined ? {} : { uploadedAt }),
    ...(requiresPython ? { requiresPython } : {}),
    ...(yanked === undefined ? {} : { yanked }),
    ...(metadata === undefined
      ? {}
      : { coreMetadata: metadata === true ? true : { sha256: metadata } }),
    ...(upstream?.provenance === undefined ? {} : { provenance: upstream.provenance }),
  }
}

function urlOfIndex(index: IndexName, { index: own, depth, root }: PagePlace): string {
  if (root === undefined && index === own) return '../'.repeat(depth)
  const path = index.split('/').map(encodeURIComponent).join('/')
  return root === undefined ? `${'../'.repeat(depth + 2)}${path}/` : `${root}/${path}/`
}

/** pip quotes `+` and `!` itself: written so, the page and the request agree (index-standards 1.1). */
const encodeFilename = (filename: string): string =>
  encodeURIComponent(filename).replaceAll('!', '%21')
