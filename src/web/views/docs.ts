/** The model of the template `docs`: the frame around uploaded documentation (devpi-web 7). */
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { isStable } from '#python/version'
import { compareVersionTexts } from '#python/version-order'
import { listDocs, type DocsOfVersion } from '#registry/docs-choice'
import type { DocsPages } from '#registry/docs-pages'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { Addresses } from '../addresses.ts'

export interface DocsView {
  readonly project: ProjectName
  /** Whose documentation it is. */
  readonly version: string
  /** Where the documentation itself is served, with the query that was sent. */
  readonly frameAddress: string
  /** What the frame may do. Never what leads the window around it elsewhere. */
  readonly sandbox: string
  /** The release whose documentation was asked for, where it has none and an older one is shown. */
  readonly mismatch: string | undefined
  readonly releaseAddress: string
  /** Newer documentation than this: `latest` and `stable`. */
  readonly versionLinks: readonly { readonly title: string; readonly address: string }[]
  /** All versions that have documentation, newest first. */
  readonly versions: readonly { readonly version: string; readonly address: string }[]
}

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
  const shown = await firstReadable(docs, await listDocs(tx, index, project, wanted.version))
  if (!shown) throw refuse(wanted.version === 'stable' ? 'docs-stable-missing' : 'docs-missing')
  const { version } = shown
  const path = wanted.path === '' ? 'index.html' : wanted.path
  const pages = await docs.list(shown.entry.digest)
  if (!pages.has(path)) throw refuse('docs-file-missing', { path })
  const versions = (await tx.listNames(keys.docsOf(index, project))).sort(newestFirst)
  const releases = (await tx.listNames(keys.versions(index, project))).sort(newestFirst)
  const served = docsUrl === undefined ? addresses : new Addresses({ prefix: docsUrl })
  const addressOf = (one: string): string => addresses.docs(index, project, one)
  return {
    project,
    version,
    frameAddress: `${served.release(index, project, wanted.version)}/+doc/${encodePath(path)}${query}`,
    sandbox: docsUrl === undefined ? SANDBOX : `${SANDBOX} allow-same-origin`,
    mismatch: mismatchOf(wanted.version, version, releases),
    releaseAddress: addresses.release(index, project, version),
    versionLinks: newerDocs(version, versions).map((title) => ({
      title,
      address: addressOf(title),
    })),
    versions: versions.map((one) => ({ version: one, address: addressOf(one) })),
  }
}

/** What turns out to have no pages gives way to the next. */
async function firstReadable(
  docs: DocsPages,
  choice: readonly DocsOfVersion[],
): Promise<DocsOfVersion | undefined> {
  for (const one of choice) if ((await docs.list(one.entry.digest)).has('index.html')) return one
  return undefined
}

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
