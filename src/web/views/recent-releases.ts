/** What came last, release by release: to an index, or to a project over an index and its bases. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import type { FileEntry } from '#registry/files'
import { getIndex, type IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { ProjectLinks } from '#registry/links'
import { findRegistered, listProjectReleases } from '#registry/project-releases'
import { releaseOf } from '#registry/release-links'

export interface RecentRelease {
  readonly project: ProjectName
  readonly version: string
  readonly summary: string
  readonly uploader: string | undefined
  /** When its newest file came here, or to upstream as far as that tells it. Milliseconds. */
  readonly at: number
}

interface Found {
  readonly project: ProjectName
  readonly version: string
  readonly file: FileEntry
  readonly at: number
}

const AT_ONCE = 500

/** Of an index; the newest first. */
export async function listRecentReleases(
  tx: ReadTransaction,
  { index, most }: { index: IndexName; most: number },
): Promise<RecentRelease[]> {
  await getIndex(tx, index)
  const newest = new Map<string, Found>()
  let after: string | undefined
  for (;;) {
    const files = await tx.list(keys.filesOfIndex(index), {
      limit: AT_ONCE,
      ...(after !== undefined && { after }),
    })
    for (const { name, value: file } of files) {
      const project = name.slice(0, name.indexOf('/')) as ProjectName
      note(newest, { project, version: releaseOf(file), file, at: cameAt(file) })
    }
    trim(newest, most)
    if (files.length < AT_ONCE) break
    after = files.at(-1)?.path
    // An index may hold much: others are served in between.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const found = [...newest.values()].sort(byTime).slice(0, most)
  return Promise.all(
    found.map(async ({ project, version, file, at }) => {
      const metadata = await tx.get(keys.version(index, project, version))
      return view({ project, version, file, at }, metadata)
    }),
  )
}

/** Of what an index offers of a project, its own and its bases'; the newest first. */
export async function listRecentOfProject(
  tx: ReadTransaction,
  links: ProjectLinks,
  { project, most }: { project: ProjectName; most: number },
): Promise<RecentRelease[]> {
  const releases = await listProjectReleases(tx, links, project)
  const found = releases.flatMap((release) => {
    const files = release.links.map(({ file }) => ({ file, at: cameAt(file) }))
    const [newest] = files.sort(byTime)
    return newest ? [{ ...newest, project, version: releaseOf(newest.file), release }] : []
  })
  return Promise.all(
    found
      .sort(byTime)
      .slice(0, most)
      .map(async (one) => view(one, await findRegistered(tx, one.release, project))),
  )
}

/** A mirror sees at once what has come to its upstream over years. */
export function cameAt({ upstream, uploadedAt, addedAt }: FileEntry): number {
  return upstream && uploadedAt !== undefined ? Date.parse(uploadedAt) : addedAt
}

function note(newest: Map<string, Found>, found: Found): void {
  const key = `${found.project} ${found.version}`
  const known = newest.get(key)
  if (!known || known.at < found.at) newest.set(key, found)
}

function trim(newest: Map<string, Found>, most: number): void {
  if (newest.size <= 2 * most) return
  const old = [...newest].sort(([, a], [, b]) => byTime(a, b)).slice(most)
  for (const [key] of old) newest.delete(key)
}

const byTime = (a: { readonly at: number }, b: { readonly at: number }): number => b.at - a.at

function view(
  { project, version, file, at }: Found,
  metadata: Readonly<Record<string, unknown>> | undefined,
): RecentRelease {
  const summary = metadata?.['summary']
  return {
    project,
    version,
    summary: typeof summary === 'string' ? summary : '',
    uploader: file.uploader,
    at,
  }
}
