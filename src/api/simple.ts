/**
 * The project page of the Simple API (PEP 503, 691, 700): what pip, uv and poetry read. Beside `+simple/` lie
 * `+own/` and `+stages/`, with less of the same, for those who mirror an index.
 */
import { refuse } from '#base/refusal'
import { carryAlong } from '#base/waits'
import { redirect } from '#http/reply'
import { get, post, type Answer, type Call, type Handle, type Route } from '#http/route'
import { isValidName, normalizeName, type ProjectName } from '#python/name'
import { inTurns } from '#python/steps'
import { indexName, type IndexName } from '#registry/indexes'
import { findSources, type Scope } from '#registry/links'
import { contentTypes, type SimpleFormat } from '#simple/format'
import { renderProjectPage } from '#simple/project-page'
import { isInstaller } from './installer-agent.ts'
import { queryOf, sendPage, varyByAgent } from './page-reply.ts'
import type { Parts } from './parts.ts'
import { projectPages, type LinksPage, type ProjectPages } from './project-pages.ts'
import { formatFor } from './simple-format.ts'
import { named } from './views.ts'

/** The folders that are laid out like `+simple/`, and what each shows. */
export const scopes: Readonly<Record<string, Scope>> = {
  '+simple': 'all',
  '+own': 'own',
  '+stages': 'stages',
}

/** An address that a project's page has. */
export interface PageAddress {
  readonly scope: Scope
  /** How many `../` lead from it to the index. */
  readonly depth: number
  readonly hasSlash: boolean
}

interface Wanted extends PageAddress {
  /** Of the page, among those that are kept. */
  readonly name: string
  readonly index: IndexName
  readonly project: ProjectName
  readonly format: SimpleFormat
  readonly isForPeople: boolean
  readonly root: string | undefined
}

const SWIFT = { isSwift: true }

export function simpleRoutes(parts: Parts): Route[] {
  const { ledger, mirrors } = parts
  const showProject = projectShower(parts)
  return [
    ...Object.entries(scopes).flatMap(([folder, scope]) => [
      get(
        `/:user/:index/${folder}/:project/`,
        showProject({ scope, depth: 2, hasSlash: true }),
        SWIFT,
      ),
      get(`/:user/:index/${folder}/:project`, withoutSlash(scope), SWIFT),
    ]),
    post('/:user/:index/+simple/:project/refresh', refreshProject),
    // The button on the page for people sends here, as devpi-web's does.
    post('/:user/:index/:project/refresh', named(refreshProject)),
  ]

  /** Installers read the page right away; people are sent to the address with a slash. */
  function withoutSlash(scope: Scope): Handle {
    const show = showProject({ scope, depth: 1, hasSlash: false })
    return (call) => {
      if (formatFor(call) === 'json' || isInstaller(call)) return show(call)
      const { project = '' } = call.params
      assertAskable(project)
      const normal = normalizeName(project)
      const slash = normal === project || call.method === 'HEAD' ? '/' : ''
      return varyByAgent(redirect(302, `${normal}${slash}${queryOf(call)}`))
    }
  }

  /** Asks all upstreams anew. Whatever they say, the page then shows it. */
  async function refreshProject(call: Call): Promise<Answer> {
    const { user = '', index = '', project = '' } = call.params
    assertAskable(project)
    const normal = normalizeName(project)
    const { used } = await ledger.read((tx) => findSources(tx, indexName(user, index), normal))
    const looks = used.flatMap(({ name, entry }) =>
      entry.type === 'mirror' ? [mirrors.refresh(name, normal)] : [],
    )
    await Promise.allSettled(looks)
    const slash = call.path.includes('/+simple/') ? '/' : ''
    return redirect(302, `../${normal}${slash}`)
  }
}

/** Answers with the page of the project in the path, for each of the addresses that it has. */
export function projectShower(parts: Parts): (address: PageAddress) => Handle {
  const { ledger, server } = parts
  const pages = projectPages(parts)
  return (address) => {
    // What has been wanted of an address: the router has the same parameters again where it has seen it before.
    const known = new WeakMap<Call['params'], Map<string, Wanted>>()
    return (call) => {
      const { params } = call
      const before = known.get(params)
      if (before) return showProject(call, wantedOf(call, address, before))

      const { project = '' } = params
      const normal = normalizeName(project)
      assertAskable(project)
      if (normal === project) known.set(params, new Map())
      else if (call.method !== 'HEAD') {
        return redirect(302, `${address.hasSlash ? `../${normal}/` : normal}${queryOf(call)}`)
      }
      return showProject(call, wantedOf(call, address, new Map()))
    }
  }

  function wantedOf(call: Call, address: PageAddress, known: Map<string, Wanted>): Wanted {
    const format = formatFor(call)
    const kind = format === 'html' && !isInstaller(call) ? 'people' : format
    const isAbsolute = server.absoluteUrls || call.headers['x-devpi-absolute-urls'] !== undefined
    const before = isAbsolute ? undefined : known.get(kind)
    if (before) return before

    const { user = '', index: name = '', project = '' } = call.params
    const index = indexName(user, name)
    const normal = normalizeName(project)
    const root = isAbsolute ? call.root : undefined
    const wanted = {
      ...address,
      name: `${index} ${normal} ${address.scope} ${kind} ${address.depth} ${root ?? ''}`,
      ...{ index, project: normal, format, isForPeople: kind === 'people', root },
    }
    if (!isAbsolute) known.set(kind, wanted)
    return wanted
  }

  /** Stays synchronous for a page that is here and true: this is the hottest path there is. */
  function showProject(call: Call, wanted: Wanted): Answer | Promise<Answer> {
    const behind = ledger.catchUpOnce()
    return behind ? carryAlong(() => behind.then(() => answer(call, wanted))) : answer(call, wanted)
  }

  function answer(call: Call, wanted: Wanted): Answer | Promise<Answer> {
    const type = contentTypes[wanted.format]
    const page = pages.find(wanted.name, wanted.project)
    if (page) return sendPage(call, page, type)
    return carryAlong(() => makePage(pages, wanted)).then((made) => sendPage(call, made, type))
  }
}

function makePage(pages: ProjectPages, wanted: Wanted): Promise<LinksPage> {
  return pages.make(wanted.name, wanted, (found) =>
    inTurns(renderProjectPage(found, wanted.project, wanted)),
  )
}

/** Refuses what can be no project's name, before anyone upstream hears of it. */
export function assertAskable(project: string): void {
  if (isValidName(project)) return
  if (/^[\x20-\x7e]*$/.test(project)) throw refuse('project-missing', { project })
  throw refuse('bad-request', { reason: 'unicode project names not allowed' })
}
