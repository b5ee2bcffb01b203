/**
 * Why an index offers what it offers of a project: every file considered, shown or hidden, by which rule and until when.
 * It is told from the same links as the page.
 */
import { refuse } from '#base/refusal'
import { get, type Answer, type Call, type Route } from '#http/route'
import type { MirrorFacts } from '#mirror/mirrors'
import type { ReadTransaction } from '#ledger/transaction'
import { isValidName, normalizeName, type ProjectName } from '#python/name'
import { inTurns, type Steps } from '#python/steps'
import { compareVersionTexts, sortByVersion } from '#python/version-order'
import { fileFolder } from '#registry/file-path'
import type { FileEntry } from '#registry/files'
import { indexName, type IndexName, type NamedIndex } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { Link, ProjectLinks } from '#registry/links'
import type { Finding } from '#registry/policies'
import { longJson } from './long-json.ts'
import type { Parts } from './parts.ts'
import { projectPages } from './project-pages.ts'
import { named, slashed } from './views.ts'
import { claimedFinding, findingOf, whyNotAsked } from './withheld.ts'

/** Why a file is not shown. */
interface Reason {
  /** A policy's name, or `shadowed`, `quarantined`, `mirror_whitelist` or `offline`. */
  readonly rule: string
  /** The index on which the policy is set, or that stands in the way. */
  readonly index: IndexName
  readonly reason: string
  readonly until?: string | undefined
}

interface ExplainedFile {
  readonly filename: string
  readonly version: string
  /** The index that holds it. */
  readonly index: IndexName
  /** Where upstream serves it. */
  readonly upstream?: string | undefined
  /** Below the server's root, where this index serves it. */
  readonly path?: string | undefined
  readonly shown: boolean
  readonly hidden_by?: Reason | undefined
  /** What a rehearsed policy would do (`policy_mode=observe`). */
  readonly rehearsed?: Reason | undefined
  /** When its entry was made here. */
  readonly first_seen: string
  readonly upload_time?: string | undefined
  readonly size?: number | undefined
  /** Upstream's, and our own once it is here. */
  readonly hashes: Readonly<Record<string, string>>
  readonly has_metadata: boolean
  readonly yanked?: true | string | undefined
  /** Upstream lists other content under this name by now. */
  readonly replaced_upstream?: { readonly hashes: object; readonly since: string } | undefined
}

interface ExplainedIndex {
  readonly index: IndexName
  readonly type: 'stage' | 'mirror'
  readonly has_project: boolean
  /** `false` for a mirror that is not asked, with the reason. */
  readonly asked: boolean
  readonly reason?: string | undefined
  readonly mirror?: MirrorFacts | undefined
}

/** Says of a project on an index what came of every file; of one version alone if that is given. */
export type Explain = (
  index: IndexName,
  project: ProjectName,
  version?: string,
) => Promise<Explanation>

export interface Explanation {
  readonly index: IndexName
  readonly project: ProjectName
  /** Whether policies have a say. */
  readonly policies: boolean
  /** How many files. */
  readonly shown: number
  readonly hidden: number
  readonly indexes: readonly ExplainedIndex[]
  /** Newest version first. */
  readonly files: readonly ExplainedFile[]
}

export function explainRoutes(parts: Parts): Route[] {
  const explain = explainer(parts)
  return slashed('/:user/:index/+explain/:project', get, named(showExplanation))

  async function showExplanation(call: Call): Promise<Answer> {
    const { user = '', index = '', project = '' } = call.params
    if (!isValidName(project)) throw refuse('project-missing', { project })
    const version = call.query.get('version') ?? undefined
    const result = await explain(indexName(user, index), normalizeName(project), version)
    return longJson(200, { result, type: 'explanation' })
  }
}

export function explainer(parts: Parts): Explain {
  const { ledger, mirrors } = parts
  const pages = projectPages(parts)

  return async (index, project, version) => {
    const asked = { index, project }
    const found = await linksOf(asked)
    const blocked = await ledger.read((tx) => listBlocked(tx, found, project))
    const here = new Set(await mirrors.listOffered(found.links))
    const explained = await inTurns(explainLinks(found, { index, here, version }))
    const files = await newestFirst([...explained, ...blocked.filter(isMeant(version))])
    return {
      ...asked,
      policies: found.isPoliced,
      shown: files.filter(({ shown }) => shown).length,
      hidden: files.filter(({ shown }) => !shown).length,
      indexes: found.sources.order.map((one) => explainIndex(one, found, project)),
      files,
    }
  }

  /** From the page's own path, so that both rest on the same links. */
  async function linksOf(asked: {
    readonly index: IndexName
    readonly project: ProjectName
  }): Promise<ProjectLinks> {
    await ledger.catchUp()
    return pages.links(asked.index, asked.project)
  }

  function explainIndex(
    one: NamedIndex,
    found: ProjectLinks,
    project: ProjectName,
  ): ExplainedIndex {
    const { name, entry } = one
    const reason = whyNotAsked(one, found)
    return {
      index: name,
      type: entry.type,
      has_project: found.holders.includes(name),
      asked: reason === undefined,
      reason,
      mirror: entry.type === 'mirror' ? mirrors.tell(name, entry, project) : undefined,
    }
  }
}

interface Meant {
  readonly index: IndexName
  /** What is offered can be here or, while no upstream may be asked, out of reach. */
  readonly here: ReadonlySet<Link>
  readonly version: string | undefined
}

/** In steps: a project may have very many files. */
function* explainLinks(
  { links, withheld, observed, isPoliced }: ProjectLinks,
  { index, here, version }: Meant,
): Steps<ExplainedFile[]> {
  const files: ExplainedFile[] = []
  const isMeantVersion = isMeant(version)
  for (const link of links) {
    yield
    if (!isMeantVersion(link.file)) continue
    if (!here.has(link)) {
      files.push({ ...factsOf(link), shown: false, hidden_by: offlineReason(link) })
      continue
    }
    const path = `${isPoliced ? index : link.index}/${fileFolder(link.file)}/${link.filename}`
    files.push({ ...factsOf(link), path, shown: true, rehearsed: reasonOf(observed.get(link)) })
  }
  for (const one of withheld) {
    yield
    if (!isMeantVersion(one.link.file)) continue
    files.push({ ...factsOf(one.link), shown: false, hidden_by: reasonOf(findingOf(one)) })
  }
  return files
}

const isMeant =
  (version: string | undefined) =>
  (file: { readonly version: string }): boolean =>
    version === undefined || compareVersionTexts(file.version, version) === 0

const offlineReason = ({ index }: Link): Reason => ({
  rule: 'offline',
  index,
  reason: 'the server asks no upstream, and the file is not here',
})

/** What is known here of mirrors that are kept out. They are not asked for it. */
async function listBlocked(
  tx: ReadTransaction,
  found: ProjectLinks,
  project: ProjectName,
): Promise<ExplainedFile[]> {
  const files: ExplainedFile[] = []
  for (const index of found.sources.blocked) {
    const hidden = reasonOf(claimedFinding(found, index))
    for (const { name: filename, value: file } of await tx.list(keys.files(index, project))) {
      files.push({ ...factsOf({ index, filename, file }), shown: false, hidden_by: hidden })
    }
  }
  return files
}

function reasonOf(finding: Finding | undefined): Reason | undefined {
  if (!finding) return undefined
  const { policy, index, reason, until } = finding
  return { rule: policy, index, reason, until: until === undefined ? undefined : isoOf(until) }
}

function factsOf({ index, filename, file }: Link) {
  const { version, addedAt, uploadedAt, size, yanked, upstream, metadata, digest }: FileEntry = file
  return {
    filename,
    version,
    index,
    upstream: upstream?.url,
    first_seen: isoOf(addedAt),
    upload_time: uploadedAt,
    size,
    has_metadata: metadata !== undefined && metadata !== false,
    hashes: { ...file.hashes, ...(digest !== undefined && { sha256: digest }) },
    yanked,
    replaced_upstream: upstream?.refused && {
      hashes: upstream.refused.hashes,
      since: isoOf(upstream.refused.at),
    },
  }
}

const isoOf = (at: number): string => new Date(at).toISOString()

/** Each version is compared once with others, however many files it has. */
async function newestFirst(files: readonly ExplainedFile[]): Promise<ExplainedFile[]> {
  const byVersion = Map.groupBy(files, ({ version }) => version)
  const oldestFirst = await inTurns(sortByVersion(byVersion, ([version]) => version))
  return oldestFirst.toReversed().flatMap(([, own]) => own.sort(byFilename))
}

const byFilename = (a: ExplainedFile, b: ExplainedFile): number =>
  Number(a.filename > b.filename) - Number(a.filename < b.filename)
