/** What came to an index last, release by release. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import type { FileEntry } from '#registry/files'
import { getIndex, type IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { releaseOf } from '#registry/release-links'

export interface RecentRelease {
  readonly project: ProjectName
  readonly version: string
  readonly summary: string
  readonly uploader: string | undefined
  /** When its newest file came here. Milliseconds. */
  readonly at: number
}

interface Found {
  readonly project: ProjectName
  readonly version: string
  readonly file: FileEntry
}

const AT_ONCE = 500

/** Of an index, or of one of its projects; the newest first. */
export async function listRecentReleases(
  tx: ReadTransaction,
  { index, project, most }: { index: IndexName; project?: ProjectName; most: number },
): Promise<RecentRelease[]> {
  await getIndex(tx, index)
  const newest = new Map<string, Found>()
  const range = project === undefined ? keys.filesOfIndex(index) : keys.files(index, project)
  let after: string | undefined
  for (;;) {
    const files = await tx.list(range, { limit: AT_ONCE, ...(after !== undefined && { after }) })
    for (const { name, value: file } of files) {
      const of = project ?? (name.slice(0, name.indexOf('/')) as ProjectName)
      note(newest, { project: of, version: releaseOf(file), file })
    }
    trim(newest, most)
    if (files.length < AT_ONCE) break
    after = files.at(-1)?.path
    // An index may hold much: others are served in between.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const found = [...newest.values()].sort(byTime).slice(0, most)
  return Promise.all(found.map((one) => view(tx, index, one)))
}

function note(newest: Map<string, Found>, found: Found): void {
  const key = `${found.project} ${found.version}`
  const known = newest.get(key)
  if (!known || known.file.addedAt < found.file.addedAt) newest.set(key, found)
}

function trim(newest: Map<string, Found>, most: number): void {
  if (newest.size <= 2 * most) return
  const old = [...newest].sort(([, a], [, b]) => byTime(a, b)).slice(most)
  for (const [key] of old) newest.delete(key)
}

const byTime = (a: Found, b: Found): number => b.file.addedAt - a.file.addedAt

async function view(
  tx: ReadTransaction,
  index: IndexName,
  { project, version, file }: Found,
): Promise<RecentRelease> {
  const metadata = await tx.get(keys.version(index, project, version))
  const summary = metadata?.['summary']
  return {
    project,
    version,
    summary: typeof summary === 'string' ? summary : '',
    uploader: file.uploader,
    at: file.addedAt,
  }
}
