/** Projects and releases as JSON, and taking them away (devpi-http 4.12, 4.13). */
import { refuse } from '#base/refusal'
import { json, redirect } from '#http/reply'
import { del, get, type Answer, type Call, type Handle, type Route } from '#http/route'
import { normalizeLoosely, type ProjectName } from '#python/name'
import { assertMayRemoveFrom } from '#registry/access'
import { findIndex, getIndex, indexName, type IndexName, type NamedIndex } from '#registry/indexes'
import { keys } from '#registry/keys'
import { assertReleasesRemovable, removeProject, removeRelease } from '#registry/release-removal'
import { viewReleases, type ReleaseView } from '#registry/release-views'
import type { ReadTransaction } from '#ledger/transaction'
import { freshenIndexes, freshenSources } from './freshen.ts'
import type { Parts } from './parts.ts'
import { printRelease } from './release-json.ts'
import { queryOf } from './simple.ts'
import { actorOf } from './users.ts'
import { asJson, named } from './views.ts'

export interface ProjectViews {
  /** Answers instead where an installer asks, which expects the project's page. */
  readonly asPage: (call: Call) => Answer | Promise<Answer> | undefined
}

interface Found {
  readonly releases: ReadonlyMap<string, ReleaseView>
  /** Whether any of the indexes has the project, with releases or without. */
  readonly isKnown: boolean
  readonly failure: Error | undefined
}

export function projectRoutes(parts: Parts, { asPage }: ProjectViews): Route[] {
  const { ledger, mirrors } = parts
  const project = '/:user/:index/:project'
  const release = `${project}/:version`
  return [
    ...slashed(
      project,
      get,
      normally((call) => asPage(call) ?? asJson(showProject)(call)),
    ),
    ...slashed(project, del, deleteProject),
    ...slashed(release, get, normally(asJson(showRelease))),
    ...slashed(release, del, deleteRelease),
  ]

  async function showProject(call: Call): Promise<Answer> {
    const { accept = '' } = call.headers
    // Whoever takes anything would rather have a page, and may get one at this address some day.
    if (!call.wantsJson) throw refuse('json-only', { accept: accept.slice(0, 100) })
    const { releases, isKnown, failure } = await findReleases(call, {
      own: call.query.has('ignore_bases'),
    })
    if (!isKnown) throw failure ?? refuse('project-unknown', { project: projectOf(call) })
    const result = [...releases].map(([version, view]) => [version, printRelease(view, call.root)])
    return json(200, { result: Object.fromEntries(result), type: 'projectconfig' })
  }

  async function showRelease(call: Call): Promise<Answer> {
    const { version = '' } = call.params
    const { releases, failure } = await findReleases(call, { own: false })
    const view = releases.get(version)
    if (!view) throw failure ?? refuse('release-missing', { version, project: projectOf(call) })
    return json(200, { result: printRelease(view, call.root), type: 'versiondata' })
  }

  async function findReleases(call: Call, { own }: { own: boolean }): Promise<Found> {
    const [index, name] = [indexOf(call), projectOf(call)]
    const { indexes, failure } = own ? await freshenOwn(index, name) : await freshen(index, name)
    return ledger.read(async (tx) => ({
      releases: await viewReleases(tx, indexes, name),
      isKnown: await isKnownTo(tx, indexes, name),
      failure,
    }))
  }

  async function freshen(index: IndexName, name: ProjectName) {
    const { sources, failure } = await freshenSources(parts, index, name)
    return { indexes: sources.used, failure }
  }

  async function freshenOwn(index: IndexName, name: ProjectName) {
    const entry = await ledger.read((tx) => getIndex(tx, index))
    const indexes = [{ name: index, entry }]
    return { indexes, failure: await freshenIndexes(mirrors, indexes, name) }
  }

  async function deleteProject(call: Call): Promise<Answer> {
    const [index, name] = [indexOf(call), projectOf(call)]
    await ledger.write(actorOf(call), async (tx) => {
      const { entry } = await getRemovable(tx, call)
      const isKept = !entry.volatile && !call.query.has('force')
      if (isKept) throw refuse('project-nonvolatile', { project: name, index })
      await removeProject(tx, index, name)
    })
    return json(200, { message: `project ${name} deleted from stage ${index}` })
  }

  async function deleteRelease(call: Call): Promise<Answer> {
    const { version = '' } = call.params
    const [index, name] = [indexOf(call), projectOf(call)]
    await ledger.write(actorOf(call), async (tx) => {
      const { entry } = await getRemovable(tx, call)
      assertReleasesRemovable(entry, call.query.has('force'))
      await removeRelease(tx, { index, project: name, version })
    })
    return json(200, { message: `project '${name}' version '${version}' deleted` })
  }
}

/** The index that a request takes something from. A missing one grants nothing to anybody. */
export async function getRemovable(tx: ReadTransaction, call: Call): Promise<NamedIndex> {
  const name = indexOf(call)
  const entry = await findIndex(tx, name)
  if (!entry) throw refuse('forbidden', { action: `delete from index ${name}` })
  assertMayRemoveFrom({ name, entry }, call.who)
  return { name, entry }
}

async function isKnownTo(
  tx: ReadTransaction,
  indexes: readonly NamedIndex[],
  project: ProjectName,
): Promise<boolean> {
  for (const { name } of indexes) if (await tx.get(keys.project(name, project))) return true
  return false
}

/** Sends whoever reads to the address with the project's name in its normal form. */
function normally(handle: Handle): Handle {
  return (call) => {
    const { project = '', user = '', index = '' } = call.params
    const normal = normalizeLoosely(project)
    if (normal === project) return handle(call)
    const parts = [
      user,
      index,
      normal,
      ...(call.params.version === undefined ? [] : [call.params.version]),
    ]
    const path = parts.map(encodeURIComponent).join('/')
    return redirect(
      302,
      `${call.prefix}/${path}${call.path.endsWith('/') ? '/' : ''}${queryOf(call)}`,
    )
  }
}

function slashed(path: string, method: typeof get, handle: Handle): Route[] {
  return [path, `${path}/`].map((each) => method(each, named(handle)))
}

const projectOf = (call: Call): ProjectName => normalizeLoosely(call.params.project ?? '')

const indexOf = ({ params: { user = '', index = '' } }: Call): IndexName => indexName(user, index)
