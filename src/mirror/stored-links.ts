/** Upstream's links in the ledger: what differs is written in one change, or nothing is. */
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Ledger } from '#ledger/ledger'
import type { ListedEntry, ReadTransaction, WriteTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { inTurns, type Steps } from '#python/steps'
import type { FileEntry } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { ProjectEntry, UpstreamProject } from '#registry/projects'
import type { Link, PageLinks } from './page-links.ts'

/** Who the ledger says made the change. */
export const ACTOR = 'mirror'

/** Whether the answer still is one to today's question, by what the transaction sees. */
export type StillHolds = (tx: ReadTransaction) => Promise<boolean>

interface Target {
  readonly index: IndexName
  readonly project: ProjectName
  readonly stillHolds: StillHolds
}

interface Difference {
  readonly files: ReadonlyMap<string, FileEntry | undefined>
  readonly project: ProjectEntry | undefined
}

interface PageTarget extends Target {
  /** Files that the page no longer lists stay. */
  readonly keepsRemoved: boolean
  /** Files whose content upstream changes under the same name are changed here too. */
  readonly takesReplaced: boolean
}

/**
 * The links of a page take the place of those known. Returns the names of files whose content upstream has changed since
 * the last look, and which stay as they were.
 */
export async function storeLinks(
  ledger: Ledger,
  target: PageTarget,
  links: PageLinks,
  upstream: UpstreamProject,
): Promise<readonly string[]> {
  const { project } = target
  const entry: ProjectEntry = {
    name: project,
    ...(links.status && { status: links.status }),
    upstream,
  }
  const refused: string[] = []
  await store(ledger, target, async (tx, now) => {
    refused.length = 0
    return findDifference(tx, target, { entry, links, now, refused })
  })
  return refused
}

/** Upstream has no such project, or no longer. */
export async function removeLinks(ledger: Ledger, target: Target): Promise<void> {
  await store(ledger, target, async (tx) => {
    const { index, project } = target
    if (!(await tx.get(keys.project(index, project)))) return undefined
    const names = await tx.listNames(keys.files(index, project))
    return { files: new Map(names.map((name) => [name, undefined])), project: undefined }
  })
}

/** Compares before it writes: most looks find nothing new, and a writer holds up all others. */
async function store(
  ledger: Ledger,
  { index, project, stillHolds }: Target,
  compare: (tx: ReadTransaction, now: number) => Promise<Difference | undefined>,
): Promise<void> {
  if (!(await ledger.read((tx) => compare(tx, 0)))) return

  await ledger.write(ACTOR, async (tx) => {
    if (!(await stillHolds(tx))) return
    const difference = await compare(tx, tx.time)
    if (difference) await inTurns(apply(tx, index, project, difference))
  })
}

function* apply(
  tx: WriteTransaction,
  index: IndexName,
  project: ProjectName,
  difference: Difference,
): Steps<void> {
  for (const [filename, entry] of difference.files) {
    const key = keys.file(index, project, filename)
    if (entry) tx.set(key, entry)
    else tx.remove(key)
    yield
  }
  const key = keys.project(index, project)
  if (difference.project) tx.set(key, difference.project)
  else tx.remove(key)
}

interface Comparison {
  readonly entry: ProjectEntry
  readonly links: PageLinks
  readonly now: number
  /** Gets the names of files whose content upstream has changed. */
  readonly refused: string[]
}

async function findDifference(
  tx: ReadTransaction,
  target: PageTarget,
  comparison: Comparison,
): Promise<Difference | undefined> {
  const { index, project } = target
  const { entry } = comparison
  const known = await tx.get(keys.project(index, project))
  const stored = await listFiles(tx, index, project)
  const files = await inTurns(compareFiles(stored, target, comparison))
  return files.size === 0 && isDeepStrictEqual(known, entry) ? undefined : { files, project: entry }
}

/** Files read in one go: some milliseconds. */
const PORTION = 1000

async function listFiles(
  tx: ReadTransaction,
  index: IndexName,
  project: ProjectName,
): Promise<ListedEntry<FileEntry>[]> {
  const files: ListedEntry<FileEntry>[] = []
  for (;;) {
    const after = files.at(-1)?.path
    const range = keys.files(index, project)
    const more = await tx.list(range, { limit: PORTION, ...(after !== undefined && { after }) })
    for (const file of more) files.push(file)
    if (more.length < PORTION) return files
    await setImmediate()
  }
}

function* compareFiles(
  stored: readonly ListedEntry<FileEntry>[],
  { keepsRemoved, takesReplaced }: PageTarget,
  { links, now, refused }: Comparison,
): Steps<Map<string, FileEntry | undefined>> {
  const files = new Map<string, FileEntry | undefined>()
  const missing = new Map(links.links)

  for (const { name, value } of stored) {
    const link = missing.get(name)
    missing.delete(name)
    const isReplaced = !takesReplaced && link !== undefined && hasOtherHash(value, link)
    if (isReplaced && !value.upstream?.refused) refused.push(name)
    const next = isReplaced
      ? refuseContent(value, link, now)
      : link
        ? mergeLink(value, link, now)
        : keepsRemoved
          ? value
          : undefined
    if (!next || !isDeepStrictEqual(next, value)) files.set(name, next)
    yield
  }
  for (const [name, link] of missing) {
    files.set(name, { ...link, addedAt: now })
    yield
  }
  return files
}

/** What was learned from the file itself stays as long as upstream says nothing else of it. */
function mergeLink(known: FileEntry, link: Link, now: number): FileEntry {
  if (!isSameFile(known, link)) return { ...link, addedAt: now }
  const { digest, size, metadata, licence, uploadedAt, requiresPython } = known
  return {
    ...(digest !== undefined && { digest }),
    ...(size !== undefined && { size }),
    ...(metadata !== undefined && { metadata }),
    ...(licence !== undefined && { licence }),
    ...(uploadedAt !== undefined && { uploadedAt }),
    ...(requiresPython !== undefined && { requiresPython }),
    ...link,
    ...(link.metadata === true && typeof metadata === 'string' && { metadata }),
    addedAt: known.addedAt,
  }
}

/** Upstream may yank it, and no more. */
function refuseContent(known: FileEntry, link: Link, now: number): FileEntry {
  const { yanked: _yanked, upstream, ...kept } = known
  if (!upstream) return known
  const refused = { hashes: link.hashes, at: upstream.refused?.at ?? now }
  return {
    ...kept,
    ...(link.yanked !== undefined && { yanked: link.yanked }),
    upstream: { ...upstream, refused },
  }
}

function hasOtherHash(known: FileEntry, link: Link): boolean {
  const shared = sharedHashes(known, link)
  return shared.length > 0 && shared.some(([ours, theirs]) => ours !== theirs)
}

/** No hash that both list differs. Where they share none, the address tells. */
function isSameFile(known: FileEntry, link: Link): boolean {
  const shared = sharedHashes(known, link)
  if (shared.length === 0) return known.upstream?.url === link.upstream?.url
  return shared.every(([ours, theirs]) => ours === theirs)
}

/** By the algorithms that both list. */
function sharedHashes(known: FileEntry, link: Link): [ours: string, theirs: string][] {
  const knownHashes: Readonly<Record<string, string>> = {
    ...known.hashes,
    ...(known.digest !== undefined && { sha256: known.digest }),
  }
  return Object.entries(link.hashes).flatMap(([algorithm, theirs]) => {
    const ours = knownHashes[algorithm]
    return ours === undefined ? [] : [[ours, theirs] as [string, string]]
  })
}
