/** The model of the template `docs`: the frame around uploaded documentation (devpi-web 7). */
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { isStable } from '#python/version'
import { compareVersionTexts } from '#python/version-order'
import { chooseReadable, listDocs } from '#registry/docs-choice'
import type { DocsPages, Pages } from '#registry/docs-pages'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { docsLink } from '#registry/release-links'
import { Addresses } from '../addresses.ts'
import { findDocsEntry } from './docs-entry.ts'

export interface DocsView {
  readonly project: ProjectName
  /** Whose documentation it is. */
  readonly version: string
  /** Where the documentation itself is served, with the query that was sent. Undefined where it has no page to begin with. */
  readonly frameAddress: string | undefined
  /** What all pages of the documentation are below. */
  readonly docsRoot: string
  /** The same of the frames around them. */
  readonly frameRoot: string
  /** What the frame may do. Never what leads the window around it elsewhere. */
  readonly sandbox: string
  /** What is in it, where it has no page to begin with: the first of them, by path. */
  readonly files: readonly DocsFile[]
  readonly fileCount: number
  readonly zipAddress: string
  /** The release whose documentation was asked for, where it has none and an older one is shown. */
  readonly mismatch: string | undefined
  readonly releaseAddress: string
  /** Newer documentation than this: `latest` and `stable`. */
  readonly versionLinks: readonly { readonly title: string; readonly address: string }[]
  /** All versions that have documentation, newest first. */
  readonly versions: readonly { readonly version: string; readonly address: string }[]
}

export interface DocsFile {
  readonly path: string
  readonly address: string
  /** Bytes. */
  readonly size: number
}

/** Files of documentation that are listed. */
const MOST_FILES = 500

/** Scripts of documentation run as a stranger's, unless it has a host of its own, where they harm nobody. */
const SANDBOX =
  'allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads'

export interface DocsWanted {
  readonly index: IndexName
  readonly project: ProjectName
  /** A version, `latest` or `stable`. */
  readonly version: string
  /** Below the documentation's root; empty for its start. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly query: string
  /** The host that documentation has to itself, if it has one. */
  readonly docsUrl: string | undefined
}

export async function viewDocs(
  tx: ReadTransaction,
  docs: DocsPages,
  wanted: DocsWanted,
  addresses: Addresses,
): Promise<DocsView> {
  const { index, project, query, docsUrl } = wanted
  const shown = await chooseReadable(docs, await listDocs(tx, index, project, wanted.version))
  if (!shown) throw refuse(wanted.version === 'stable' ? 'docs-stable-missing' : 'docs-missing')
  const { version } = shown
  const pages = await docs.list(shown.entry.digest)
  const path = choosePage(pages, wanted.path)
  const versions = (await tx.listNames(keys.docsOf(index, project))).sort(newestFirst)
  const releases = (await tx.listNames(keys.versions(index, project))).sort(newestFirst)
  const served = docsUrl === undefined ? addresses : new Addresses({ prefix: docsUrl })
  const addressOf = (one: string): string => addresses.docs(index, project, one)
  const base = served.release(index, project, wanted.version)
  const own = addresses.release(index, project, wanted.version)
  return {
    project,
    version,
    frameAddress: path === undefined ? undefined : `${base}/+doc/${encodePath(path)}${query}`,
    docsRoot: `${base}/+doc/`,
    frameRoot: `${own}/+d/`,
    sandbox: docsUrl === undefined ? SANDBOX : `${SANDBOX} allow-same-origin`,
    files: path === undefined ? listFiles(pages, (one) => `${own}/+d/${encodePath(one)}`) : [],
    fileCount: pages.size,
    zipAddress: addresses.file(docsLink(index, project, version, shown.entry).path),
    mismatch: mismatchOf(wanted.version, version, releases),
    releaseAddress: addresses.release(index, project, version),
    versionLinks: newerDocs(version, versions).map((title) => ({
      title,
      address: addressOf(title),
    })),
    versions: versions.map((one) => ({ version: one, address: addressOf(one) })),
  }
}

/** Undefined where the start is asked for and there is none. */
function choosePage(pages: Pages, path: string): string | undefined {
  if (pages.has(path)) return path
  if (path === '' || path === 'index.html') return findDocsEntry(pages.keys())
  throw refuse('docs-file-missing', { path })
}

const listFiles = (pages: Pages, addressOf: (path: string) => string): DocsFile[] =>
  [...pages.values()]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .slice(0, MOST_FILES)
    .map(({ path, size }) => ({ path, address: addressOf(path), size }))

const newestFirst = (a: string, b: string): number => compareVersionTexts(b, a)

/** The newest release where `latest` or `stable` show the documentation of an older one. */
function mismatchOf(asked: string, shown: string, releases: readonly string[]): string | undefined {
  if (asked !== 'latest' && asked !== 'stable') return undefined
  const newest = asked === 'latest' ? releases[0] : releases.find(isStable)
  return newest !== undefined && newest !== shown ? newest : undefined
}

function newerDocs(shown: string, versions: readonly string[]): string[] {
  const stable = versions.find(isStable)
  const links: string[] = []
  if (versions[0] !== undefined && compareVersionTexts(versions[0], shown) > 0) links.push('latest')
  if (stable !== undefined && compareVersionTexts(stable, shown) > 0) links.push('stable')
  return links
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
