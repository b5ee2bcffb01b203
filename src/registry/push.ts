/** Pushing a release: its metadata, files, documentation and test results from one index to another. */
import { refuse } from '#base/refusal'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { docsFilename } from './docs.ts'
import { instant, type FileEntry, type LogEntry } from './files.ts'
import { hashFolder } from './file-path.ts'
import { getIndex, type IndexName, type StageEntry } from './indexes.ts'
import { keys, type FilePlace } from './keys.ts'
import { describeEnd, type Finding, type Policies } from './policies.ts'
import { listHidden, type FindHidden } from './push-policies.ts'
import type { DocsLink, FileLink, ReleaseLink, ToxresultLink } from './release-links.ts'
import { viewReleases, type ReleaseView } from './release-views.ts'
import type { ReleaseMetadata } from './releases.ts'
import { removeRange } from './remove-range.ts'
import { findFreeToxresultName } from './toxresults.ts'

export interface PushOrder {
  readonly source: IndexName
  /** The index whose policies count, where that is another one: the source is among its bases. */
  readonly asked?: IndexName
  readonly project: ProjectName
  /** As the client spelt it. */
  readonly name: string
  /** As it was sent. */
  readonly version: string
  readonly noDocs: boolean
  readonly onlyDocs: boolean
  /** Where it is there, only files of these SHA-256 are pushed. */
  readonly hashes?: ReadonlySet<string> | undefined
  /** Where it is there, only this file is pushed, with its test results. */
  readonly filename?: string | undefined
}

/** What is pushed, as the source has it. */
export interface ReleaseCopy {
  readonly isMirrored: boolean
  /** As the source shows it, but for whether it is yanked, which its files say. */
  readonly metadata: ReleaseMetadata
  /** By file name. */
  readonly files: readonly FileLink[]
  readonly docs: DocsLink | undefined
  readonly toxresults: readonly ToxresultLink[]
  /** Files of the release that a policy hides, and which are therefore left out. */
  readonly hidden: readonly HiddenFile[]
}

export interface HiddenFile {
  readonly filename: string
  readonly finding: Finding
}

/** Where to, and in whose name. */
export interface PushTarget {
  readonly index: IndexName
  readonly stage: StageEntry
  readonly who: string | undefined
  /** What is there already with the same bytes stays as it is, and is no conflict. */
  readonly keepsSame: boolean
}

/** What was copied; `path` begins with the target's name. */
export interface PushedLink {
  readonly rel: 'releasefile' | 'toxresult' | 'doczip'
  readonly path: string
}

/**
 * What an order is about. Refuses a release that the index itself does not have, of which nothing is left, or whose
 * files are all hidden.
 */
export async function getReleaseCopy(
  tx: ReadTransaction,
  policies: Policies,
  order: PushOrder,
): Promise<ReleaseCopy> {
  const { source, asked = source, project, name, version, noDocs, onlyDocs } = order
  const entry = await getIndex(tx, source)
  const releases = await viewReleases(tx, [{ name: source, entry }], project)
  const release = releases.get(version)
  if (!release) throw refuse('push-no-release', { name, version, index: source })
  if (noDocs && onlyDocs) throw refuse('push-docs-unclear')
  const isClosed = (await tx.get(keys.project(source, project)))?.status?.status === 'quarantined'
  const links = isClosed ? [] : (release.links ?? [])
  const isWanted = { releasefile: !onlyDocs, toxresult: !onlyDocs, doczip: !noDocs }
  const wanted = links.filter((link) => isWanted[link.rel] && isMeant(link, order))
  if (wanted.length === 0) throw refuse('push-nothing', { name, version, filename: order.filename })
  const findHidden = await listHidden(tx, policies, { asked, project })
  const hidden = onlyDocs ? [] : hiddenAmong(wanted, source, findHidden)
  const isHidden = new Set(hidden.map(({ filename }) => filename))
  const files = wanted
    .filter((link) => link.rel === 'releasefile')
    .filter(({ filename }) => !isHidden.has(filename))
  const [first] = hidden
  if (first && files.length === 0) throw fileHidden(first)
  return {
    isMirrored: entry.type === 'mirror',
    metadata: withoutYank(release),
    files: files.toSorted(byFilename),
    docs: wanted.find((link) => link.rel === 'doczip'),
    toxresults: wanted
      .filter((link) => link.rel === 'toxresult')
      .filter(({ of }) => !isHidden.has(of.filename)),
    hidden,
  }
}

function hiddenAmong(
  links: readonly ReleaseLink[],
  source: IndexName,
  findHidden: FindHidden,
): HiddenFile[] {
  return links.flatMap(({ rel, filename }) => {
    const finding = rel === 'releasefile' ? findHidden(source, filename) : undefined
    return finding ? [{ filename, finding }] : []
  })
}

function fileHidden({ filename, finding }: HiddenFile): Error {
  const { index, policy } = finding
  return refuse('file-hidden', { filename, index, policy, reason: describeEnd(finding) })
}

function isMeant(link: ReleaseLink, { hashes, filename }: PushOrder): boolean {
  if (link.rel === 'doczip') return filename === undefined
  const file = link.rel === 'toxresult' ? link.of.filename : link.filename
  if (filename !== undefined && file !== filename) return false
  if (!hashes) return true
  const { digest, hashes: listed } = link.rel === 'toxresult' ? link.of.entry : link.entry
  return hashes.has(digest ?? listed.sha256 ?? '')
}

function withoutYank({ metadata }: ReleaseView): ReleaseMetadata {
  const fields = Object.entries(metadata).filter(([field]) => field !== 'yanked')
  return Object.fromEntries(fields) as ReleaseMetadata
}

const byFilename = (a: { filename: string }, b: { filename: string }): number =>
  Number(a.filename > b.filename) - Number(a.filename < b.filename)

/**
 * Records the copy on the target. Its blobs are in the store. Refuses what would replace anything on an index that
 * is not volatile. Returns what was added, in the order of devpi's action list.
 */
export async function addReleaseCopy(
  tx: WriteTransaction,
  order: PushOrder,
  copy: ReleaseCopy,
  target: PushTarget,
): Promise<PushedLink[]> {
  const pushed: PushedLink[] = []
  for (const link of copy.files)
    pushed.push(...(await addFileCopy(tx, order, { copy, link, target })))
  if (copy.docs) pushed.push(...(await addDocsCopy(tx, order, copy.docs, target)))
  if (pushed.length > 0 || !target.keepsSame) await register(tx, order, copy, target.index)
  return pushed
}

interface FileCopy {
  readonly copy: ReleaseCopy
  readonly link: FileLink
  readonly target: PushTarget
}

async function addFileCopy(
  tx: WriteTransaction,
  order: PushOrder,
  { copy, link, target }: FileCopy,
): Promise<PushedLink[]> {
  const { index, stage } = target
  const { filename, entry } = link
  const place = { index, project: order.project, filename }
  const key = keys.file(index, order.project, filename)
  const { digest } = entry
  if (digest === undefined) throw new Error(`the digest of ${filename} is unknown`)
  const replaced = await tx.get(key)
  if (replaced) {
    if (target.keepsSame && replaced.digest === digest) return []
    assertReplaceable(stage, { filename, isSame: replaced.digest === digest })
    await removeRange(tx, keys.toxresultsOfFile(place))
  }
  const log = logPush(tx.time, link.log, { order, target, replaced })
  tx.set(key, {
    ...copyEntry(entry, order),
    digest,
    hashes: { ...entry.hashes, sha256: digest },
    addedAt: tx.time,
    log,
  })
  const folder = `${index}/${hashFolder(digest)}`
  const results = copy.toxresults.filter(({ of }) => of.filename === filename)
  return [
    { rel: 'releasefile', path: `${folder}/${filename}` },
    ...(await addToxresults(tx, order, { results, place, target, folder })),
  ]
}

/** Strict uploads never replace; identical bytes may be pushed onto a volatile index again. */
function assertReplaceable(
  stage: StageEntry,
  { filename, isSame }: { filename: string; isSame: boolean },
): void {
  if (!stage.volatile) throw refuse('push-file-exists', { filename })
  if (!stage.strict_uploads || isSame) return
  const reason = `File already exists (${filename}, with other content).`
  throw refuse('upload-invalid', { reason })
}

/** Of what the source says of the file: all but what is of the source itself. */
function copyEntry(
  entry: FileEntry,
  { version: sent }: PushOrder,
): Omit<FileEntry, 'hashes' | 'addedAt'> {
  const { size, version, uploadedAt, modifiedAt, requiresPython, yanked } = entry
  const { metadata, licence, attestations, uploader } = entry
  return {
    ...(size !== undefined && { size }),
    version,
    release: sent === version ? undefined : sent,
    ...(uploadedAt === undefined
      ? { modifiedAt: modifiedAt ?? entry.addedAt }
      : { uploadedAt, modifiedAt }),
    requiresPython,
    ...(yanked !== undefined && { yanked }),
    ...(metadata !== false && { metadata }),
    ...(licence !== undefined && { licence }),
    attestations,
    uploader,
  }
}

interface ToxresultCopies {
  readonly results: readonly ToxresultLink[]
  readonly place: FilePlace
  readonly target: PushTarget
  readonly folder: string
}

async function addToxresults(
  tx: WriteTransaction,
  order: PushOrder,
  { results, place, target, folder }: ToxresultCopies,
): Promise<PushedLink[]> {
  const pushed: PushedLink[] = []
  for (const { entry } of results) {
    const name = await findFreeToxresultName(tx, place, tx.time)
    const log = logPush(tx.time, entry.log, { order, target })
    tx.set(keys.toxresult(place, name), { ...entry, addedAt: tx.time, log })
    pushed.push({ rel: 'toxresult', path: `${folder}/${name}` })
  }
  return pushed
}

async function addDocsCopy(
  tx: WriteTransaction,
  order: PushOrder,
  link: DocsLink,
  target: PushTarget,
): Promise<PushedLink[]> {
  const { project, version } = order
  const { entry } = link
  const key = keys.docs(target.index, project, version)
  const replaced = await tx.get(key)
  if (replaced) {
    if (target.keepsSame && replaced.digest === entry.digest) return []
    const filename = docsFilename(project, version)
    assertReplaceable(target.stage, { filename, isSame: replaced.digest === entry.digest })
  }
  const log = logPush(tx.time, entry.log, { order, target, replaced, keepsOverwrites: true })
  tx.set(key, { ...entry, addedAt: tx.time, log })
  const filename = docsFilename(project, version)
  return [{ rel: 'doczip', path: `${target.index}/${hashFolder(entry.digest)}/${filename}` }]
}

interface PushLog {
  readonly order: PushOrder
  readonly target: PushTarget
  readonly replaced?: { readonly log?: readonly LogEntry[] | undefined } | undefined
  readonly keepsOverwrites?: boolean
}

/** What happened to it at the source, and then here. What it replaces leaves one entry, which counts, before. */
function logPush(
  time: number,
  earlier: readonly LogEntry[] | undefined,
  { order, target, replaced, keepsOverwrites = false }: PushLog,
): LogEntry[] {
  const when = instant(time)
  const counts =
    replaced?.log?.map(({ what, count = 0 }) => (what === 'overwrite' ? count : 0)) ?? []
  const count = counts.reduce((sum, each) => sum + each, 1)
  const kept = (earlier ?? []).filter(({ what }) => keepsOverwrites || what !== 'overwrite')
  return [
    ...(replaced ? [{ what: 'overwrite', who: null, when, count } as const] : []),
    ...kept,
    { what: 'push', who: target.who ?? null, when, src: order.source, dst: target.index },
  ]
}

/** Upstreams tell little of a release: what the target knows besides stays. */
async function register(
  tx: WriteTransaction,
  { project, version }: PushOrder,
  { metadata, isMirrored }: ReleaseCopy,
  index: IndexName,
): Promise<void> {
  const key = keys.project(index, project)
  if (!(await tx.get(key))) tx.set(key, { name: [metadata.name ?? project].flat().join() })
  const release = keys.version(index, project, version)
  const before = isMirrored ? await tx.get(release) : undefined
  tx.set(release, { ...before, ...metadata })
}
