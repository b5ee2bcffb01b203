/** The model of the template `project`: all releases over an index and its bases, and where each comes from. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { isPrerelease, parseVersion } from '#python/version'
import type { IndexName, NamedIndex } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { Link, ProjectLinks } from '#registry/links'
import {
  findRegistered,
  isYanked,
  latestRelease,
  listProjectReleases,
  type ProjectRelease,
} from '#registry/project-releases'
import type { Asking } from './home.ts'
import { addressOfPage, cutPage, pagingOf, type Paging } from './paging.ts'

export interface ProjectView {
  readonly project: ProjectName
  readonly index: IndexName
  readonly address: string
  readonly simpleAddress: string
  readonly explainAddress: string
  /** Newest first. */
  readonly releases: readonly ReleaseLine[]
  readonly releaseCount: number
  readonly paging: Paging
  /** What is shown where no version is asked for: not yanked, no pre-release, the newest, in this order. */
  readonly latest: LatestRelease | undefined
  readonly sources: readonly SourceLine[]
  /** Mirrors that are not asked for it: a stage has the name, and no whitelist lets them. */
  readonly blocked: readonly IndexName[]
  /** Files that are not offered. */
  readonly withheldCount: number
  /** PEP 792, where it is not active. */
  readonly status: { readonly status: string; readonly reason?: string } | undefined
  /** What upstreams show of it to people. */
  readonly upstreamPages: readonly { readonly title: string; readonly address: string }[]
  /** Whether asking upstream again could tell anything. */
  readonly mayRefresh: boolean
  /** How often its files were asked for here. */
  readonly downloads: number
}

export interface ReleaseLine {
  readonly version: string
  readonly address: string
  /** The indexes that its files, or what is registered of it, come from; nearest first. */
  readonly from: readonly { readonly index: IndexName; readonly address: string }[]
  readonly fileCount: number
  /** Of all its files, as far as it is known. Bytes. */
  readonly size: number
  /** When its first file was uploaded. RFC 3339. */
  readonly uploadedAt: string | undefined
  readonly requiresPython: string | undefined
  readonly isYanked: boolean
  readonly yankReason: string | undefined
  readonly isPrerelease: boolean
  /** Documentation on the nearest index that has it. */
  readonly docsAddress: string | undefined
}

export interface LatestRelease {
  readonly version: string
  readonly address: string
  readonly summary: string
}

export interface SourceLine {
  readonly index: IndexName
  readonly address: string
  readonly kind: 'stage' | 'mirror'
  readonly hasProject: boolean
}

export interface ProjectWanted {
  readonly index: IndexName
  readonly project: ProjectName
  readonly page: number
  readonly downloads: number
}

export async function viewProject(
  tx: ReadTransaction,
  wanted: ProjectWanted,
  found: ProjectLinks,
  { addresses }: Asking,
): Promise<ProjectView> {
  const { index, project } = wanted
  const oldestFirst = await listProjectReleases(tx, found, project)
  const releases = oldestFirst.toReversed()
  const address = addresses.project(index, project)
  const cut = cutPage(wanted.page, releases.length)
  const docs = await listDocsBy(tx, found, project)
  const lines = releases.slice(cut.start, cut.end).map((release): ReleaseLine => {
    const at = docs.get(release.version)
    return {
      ...releaseFacts(release),
      address: addresses.release(index, project, release.version),
      from: indexesOf(release).map((one) => ({ index: one, address: addresses.index(one) })),
      docsAddress: at && addresses.docs(at, project, release.version),
    }
  })
  return {
    project,
    index,
    address,
    simpleAddress: `${addresses.simple(index)}${project}/`,
    explainAddress: addresses.explain(index, project),
    releases: lines,
    releaseCount: releases.length,
    paging: pagingOf(cut, addressOfPage(address)),
    latest: await viewLatest(tx, oldestFirst, project, (version) =>
      addresses.release(index, project, version),
    ),
    sources: found.sources.order.map(({ name, entry }) => ({
      index: name,
      address: addresses.index(name),
      kind: entry.type,
      hasProject: found.holders.includes(name),
    })),
    blocked: found.sources.blocked,
    withheldCount: found.withheld.length,
    status: found.status,
    upstreamPages: upstreamPages(found.sources.order, project),
    downloads: wanted.downloads,
    mayRefresh: found.sources.used.some(({ entry }) => entry.type === 'mirror'),
  }
}

async function viewLatest(
  tx: ReadTransaction,
  releases: readonly ProjectRelease[],
  project: ProjectName,
  addressOf: (version: string) => string,
): Promise<LatestRelease | undefined> {
  const latest = latestRelease(releases)
  if (!latest) return undefined
  const metadata = await findRegistered(tx, latest, project)
  const summary = metadata?.['summary']
  return {
    version: latest.version,
    address: addressOf(latest.version),
    summary: typeof summary === 'string' ? summary : '',
  }
}

/** What a release's files say together. */
export function releaseFacts(release: ProjectRelease) {
  const { version, links } = release
  const parsed = parseVersion(version)
  const yanks = links.map(({ file }) => file.yanked)
  return {
    version,
    fileCount: links.length,
    size: links.reduce((sum, { file }) => sum + (file.size ?? 0), 0),
    uploadedAt: links.flatMap(({ file }) => file.uploadedAt ?? []).sort()[0],
    requiresPython: links.find(({ file }) => file.requiresPython)?.file.requiresPython,
    isYanked: isYanked(release),
    yankReason: yanks.find((reason) => typeof reason === 'string'),
    isPrerelease: parsed !== undefined && isPrerelease(parsed),
  }
}

function indexesOf({ links, registrations }: ProjectRelease): IndexName[] {
  return [
    ...new Set([
      ...links.map(({ index }: Link) => index),
      ...registrations.map(({ index }) => index),
    ]),
  ]
}

/** Which index, the nearest first, has documentation of a version. */
async function listDocsBy(
  tx: ReadTransaction,
  { holders }: ProjectLinks,
  project: ProjectName,
): Promise<Map<string, IndexName>> {
  const found = new Map<string, IndexName>()
  for (const index of holders) {
    for (const version of await tx.listNames(keys.docsOf(index, project))) {
      if (!found.has(version)) found.set(version, index)
    }
  }
  return found
}

/** `mirror_web_url_fmt` with the project's name in it. */
export function upstreamPages(order: readonly NamedIndex[], project: ProjectName) {
  return order.flatMap(({ name, entry }) => {
    if (entry.type !== 'mirror' || !entry.mirror_web_url_fmt) return []
    const address = entry.mirror_web_url_fmt.replaceAll('{name}', project)
    if (!/^https?:\/\//i.test(address)) return []
    const title = typeof entry.title === 'string' && entry.title !== '' ? entry.title : name
    return [{ title, address }]
  })
}
