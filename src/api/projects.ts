/** Projects and releases as JSON (devpi-http 4.12, 4.13). */
import { anonymous } from '#base/identity'
import { refuse } from '#base/refusal'
import type { Envelope } from '#http/reply'
import { get, type Answer, type Call, type Route } from '#http/route'
import { normalizeLoosely, type ProjectName } from '#python/name'
import { getIndex, indexName, type IndexName, type NamedIndex } from '#registry/indexes'
import { listResolutionOrder } from '#registry/inheritance'
import { keys } from '#registry/keys'
import { findSources, listLinks, type ProjectLinks } from '#registry/links'
import type { FileLink, ReleaseLink } from '#registry/release-links'
import { viewReleases, withLinks, type ReleaseView } from '#registry/release-views'
import { withToldLogs } from '#registry/told-indexes'
import { Page } from '#simple/page'
import type { ReadTransaction } from '#ledger/transaction'
import { freshenIndexes, learnFacts } from './freshen.ts'
import { sendJsonPage } from './kept-json.ts'
import { normally } from './normal-names.ts'
import { isStillJudgedSo, judgedOf, type Judged } from './judged.ts'
import { printLong } from './long-json.ts'
import type { Parts } from './parts.ts'
import { printRelease, printReleases } from './release-json.ts'

import { asJson, slashed } from './views.ts'

export interface ProjectViews {
  /** Answers instead where an installer asks, which expects the project's page. */
  readonly asPage: (call: Call) => Answer | Promise<Answer> | undefined
}

interface Wanted {
  readonly index: IndexName
  readonly project: ProjectName
  /** Without those of the bases. */
  readonly isOwn: boolean
  /** One release instead of all. */
  readonly version?: string | undefined
}

/** A kept answer is only as good as the links of these are fresh. */
interface Extra {
  readonly mirrors: readonly IndexName[]
  readonly judged: Judged | undefined
}

type Print = (releases: ReadonlyMap<string, ReleaseView>) => Envelope | Promise<Envelope>

export function projectRoutes(parts: Parts, { asPage }: ProjectViews): Route[] {
  const { ledger, mirrors, pages } = parts
  const project = '/:user/:index/:project'
  const release = `${project}/:version`
  return [
    ...slashed(
      project,
      get,
      normally((call) => asPage(call) ?? asJson(showProject)(call)),
    ),
    ...slashed(release, get, normally(asJson(showRelease))),
  ]

  function showProject(call: Call): Promise<Answer> {
    const { accept = '' } = call.headers
    // Whoever takes anything would rather have a page, and may get one at this address some day.
    if (!call.wantsJson) throw refuse('json-only', { accept: accept.slice(0, 100) })
    return show(call, call.query.has('ignore_bases'), (releases) => ({
      result: printReleases(releases, call.root),
      type: 'projectconfig',
    }))
  }

  function showRelease(call: Call): Promise<Answer> {
    const { version = '' } = call.params
    return show(call, false, (releases) => {
      const view = releases.get(version)
      if (!view) throw missing({ ...wantedOf(call, false), version })
      return { result: printRelease(view, call.root), type: 'versiondata' }
    })
  }

  async function show(call: Call, isOwn: boolean, print: Print): Promise<Answer> {
    const wanted = wantedOf(call, isOwn)
    const name = `json ${Object.values(wanted).join(' ')} ${call.root}`
    await ledger.catchUpOnce()
    const kept = findKept(name)
    const isFresh = kept?.extra.mirrors.every((one) => mirrors.isFresh(one, wanted.project))
    if (kept && isFresh) return sendJsonPage(kept)

    const failure = await freshen(wanted)
    await ledger.catchUp()
    if (mirrors.isOffline) return showOffline(wanted, print)
    const page =
      findKept(name) ??
      (await pages.build<Extra>(name, (tx) => render(tx, parts, wanted, { failure, print })))
    return sendJsonPage(page)
  }

  function findKept(name: string): Page<Extra> | undefined {
    const kept = pages.find<Extra>(name)
    return kept && isStillJudgedSo(parts.policies, kept.extra.judged) ? kept : undefined
  }

  /** With the files that are here. Not kept: the ledger does not tell when one has come or gone. */
  async function showOffline(wanted: Wanted, print: Print): Promise<Answer> {
    const indexes = await ledger.read((tx) => listIndexes(tx, wanted))
    const stored = await Promise.all(
      indexes.map(({ name }) => mirrors.listStored(name, wanted.project)),
    )
    const paths = new Set(
      indexes.flatMap(({ name }, at) => [...(stored[at] ?? [])].map((file) => `${name} ${file}`)),
    )
    const isOffered = ({ rel, path, filename }: ReleaseLink): boolean =>
      rel !== 'releasefile' || paths.has(`${path.split('/', 2).join('/')} ${filename}`)
    const { text } = await ledger.read((tx) =>
      render(tx, parts, wanted, {
        failure: undefined,
        print: async (releases) =>
          print(await withLinks(releases, (link) => (isOffered(link) ? link : undefined))),
      }),
    )
    return sendJsonPage(new Page(text, {}))
  }

  async function freshen(wanted: Wanted): Promise<Error | undefined> {
    const { index, project } = wanted
    const [used, order] = await ledger.read(async (tx) => [
      await listIndexes(tx, wanted),
      await listResolutionOrder(tx, index),
    ])
    const failure = await freshenIndexes(mirrors, used, project)
    await learnFacts(parts, { order, used }, project)
    return failure
  }
}

/** The indexes whose releases count: those that are blocked hear nothing of it. */
async function listIndexes(
  tx: ReadTransaction,
  { index, project, isOwn }: Wanted,
): Promise<readonly NamedIndex[]> {
  if (isOwn) return [{ name: index, entry: await getIndex(tx, index) }]
  return (await findSources(tx, index, project)).used
}

async function render(
  tx: ReadTransaction,
  { policies, reading }: Pick<Parts, 'policies' | 'reading'>,
  wanted: Wanted,
  { failure, print }: { failure: Error | undefined; print: Print },
): Promise<{ text: Buffer; extra: Extra }> {
  const { project } = wanted
  const indexes = await listIndexes(tx, wanted)
  // "Does not exist" would be believed; an upstream that fails says nothing.
  // Bases that are not shown tell an empty project from none.
  const order = await listResolutionOrder(tx, wanted.index)
  const isKnown = await isKnownTo(tx, wanted.isOwn ? order : indexes, project)
  if (!isKnown) throw failure ?? missing(wanted)
  const mirrors = indexes.flatMap(({ name, entry }) => (entry.type === 'mirror' ? [name] : []))
  // What is kept is for everybody, and tells what everybody may know.
  const known = indexes.map(({ name }) => name)
  const telling = { reading, who: anonymous, known }
  const releases = await withToldLogs(tx, await viewReleases(tx, indexes, project), telling)
  if (!policies.isPoliced(order)) {
    return { text: await printLong(await print(releases)), extra: { mirrors, judged: undefined } }
  }
  const scope = wanted.isOwn ? 'own' : 'all'
  const found = await listLinks(tx, policies, { ...wanted, scope })
  const left = await withLinks(releases, offering(found, wanted.index))
  return {
    text: await printLong(await print(left)),
    extra: { mirrors, judged: judgedOf(policies, found) },
  }
}

/** Without what policies hide. What is left is served where they are enforced. */
function offering(
  { withheld }: ProjectLinks,
  index: IndexName,
): (link: ReleaseLink) => ReleaseLink | undefined {
  const hidden = new Set(
    withheld.flatMap(({ why, link }) =>
      why === 'policy' ? [`${link.index} ${link.filename}`] : [],
    ),
  )
  const isHidden = ({ path, filename }: FileLink): boolean =>
    hidden.has(`${path.split('/', 2).join('/')} ${filename}`)
  return (link) => {
    if (link.rel === 'toxresult') return isHidden(link.of) ? undefined : link
    if (link.rel === 'doczip') return link
    if (isHidden(link)) return undefined
    const below = link.path.split('/').slice(2)
    return { ...link, path: `${index}/${below.join('/')}` }
  }
}

function missing({ project, version }: Wanted): Error {
  return version === undefined
    ? refuse('project-unknown', { project })
    : refuse('release-missing', { version, project })
}

async function isKnownTo(
  tx: ReadTransaction,
  indexes: readonly NamedIndex[],
  project: ProjectName,
): Promise<boolean> {
  for (const { name } of indexes) if (await tx.get(keys.project(name, project))) return true
  return false
}

const wantedOf = (call: Call, isOwn: boolean): Wanted => ({
  index: indexOf(call),
  project: projectOf(call),
  isOwn,
  version: call.params.version,
})

export const projectOf = (call: Call): ProjectName => normalizeLoosely(call.params.project ?? '')

export const indexOf = ({ params: { user = '', index = '' } }: Call): IndexName =>
  indexName(user, index)
