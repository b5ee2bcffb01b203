/** The project page of the Simple API (PEP 503, 691, 700): what pip, uv and poetry read. */
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import { conditional, redirect } from '#http/reply'
import { get, post, type Answer, type Call, type Route } from '#http/route'
import { isValidName, normalizeName, type ProjectName } from '#python/name'
import { indexName, type IndexName, type NamedIndex } from '#registry/indexes'
import { findSources, listLinks, type ProjectLinks } from '#registry/links'
import { contentTypes, type SimpleFormat } from '#simple/format'
import { Page } from '#simple/page'
import { renderProjectPage } from '#simple/project-page'
import { freshenSources } from './freshen.ts'
import type { Parts } from './parts.ts'
import { codingFor, formatFor } from './simple-format.ts'

/** What a page's answer needs besides its bytes. */
interface ProjectExtra {
  /** The mirrors that it was built from: it is only as good as their links are fresh. */
  readonly mirrors: readonly IndexName[]
  readonly upstreamSerial: number | undefined
}

interface Wanted {
  readonly index: IndexName
  readonly project: ProjectName
  readonly format: SimpleFormat
  readonly depth: number
  readonly root: string | undefined
}

export function simpleRoutes(parts: Parts): Route[] {
  const { ledger, mirrors, pages } = parts
  return [
    get('/:user/:index/+simple/:project/', (call) => showProject(call, 2)),
    get('/:user/:index/+simple/:project', async (call) =>
      varyByAgent(await showProjectWithoutSlash(call)),
    ),
    post('/:user/:index/+simple/:project/refresh', refreshProject),
  ]

  /** Stays synchronous for a page that is here and true: this is the hottest path there is. */
  function showProject(call: Call, depth: number): Answer | Promise<Answer> {
    const { user = '', index = '', project = '' } = call.params
    const normal = normalizeName(project)
    assertAskable(project)
    if (normal !== project) {
      return redirect(302, `${depth === 2 ? `../${normal}/` : normal}${queryOf(call)}`)
    }

    const root = call.headers['x-devpi-absolute-urls'] === undefined ? undefined : call.root
    const format = formatFor(call)
    const wanted = { index: indexName(user, index), project: normal, format, depth, root }
    const behind = ledger.catchUpOnce()
    return behind ? behind.then(() => answer(call, wanted)) : answer(call, wanted)
  }

  function answer(call: Call, wanted: Wanted): Answer | Promise<Answer> {
    const page = pages.find<ProjectExtra>(pageName(wanted))
    const isFresh = page?.extra.mirrors.every((mirror) => mirrors.isFresh(mirror, wanted.project))
    if (page && isFresh) return sendPage(call, page, wanted.format)
    return makePage(wanted).then((made) => sendPage(call, made, wanted.format))
  }

  async function makePage(wanted: Wanted): Promise<Page<ProjectExtra>> {
    const { sources, failure } = await freshenSources(parts, wanted.index, wanted.project)
    await ledger.catchUp()
    if (mirrors.isOffline && namesOfMirrors(sources.used).length > 0) return makeOfflinePage(wanted)
    const kept = pages.find<ProjectExtra>(pageName(wanted))
    return (
      kept ?? pages.build<ProjectExtra>(pageName(wanted), (tx) => renderPage(tx, wanted, failure))
    )
  }

  async function renderPage(
    tx: ReadTransaction,
    wanted: Wanted,
    failure: Error | undefined,
  ): Promise<{ text: string; extra: ProjectExtra }> {
    const found = await listLinks(tx, wanted.index, wanted.project)
    // "Does not exist" would send an installer to its next index; an upstream that fails says nothing.
    if (!found.isKnown) throw failure ?? refuse('project-missing', { project: wanted.project })
    return render(found, wanted)
  }

  /** Not kept: the ledger does not tell when a file has come or gone. */
  async function makeOfflinePage(wanted: Wanted): Promise<Page<ProjectExtra>> {
    const { project } = wanted
    const found = await ledger.read((tx) => listLinks(tx, wanted.index, project))
    if (!found.isKnown) throw refuse('project-missing', { project })
    const links = await mirrors.listOffered(found.links)
    const { text, extra } = render({ ...found, links }, wanted)
    return new Page(text, extra, pageName(wanted))
  }

  /** Installers read the page right away; people are sent to the address with a slash. */
  function showProjectWithoutSlash(call: Call): Answer | Promise<Answer> {
    if (formatFor(call) === 'json' || isInstaller(call)) return showProject(call, 1)
    const { project = '' } = call.params
    assertAskable(project)
    return redirect(302, `${normalizeName(project)}/${queryOf(call)}`)
  }

  /** Asks all upstreams anew. Whatever they say, the page then shows it. */
  async function refreshProject(call: Call): Promise<Answer> {
    const { user = '', index = '', project = '' } = call.params
    assertAskable(project)
    const normal = normalizeName(project)
    const { used } = await ledger.read((tx) => findSources(tx, indexName(user, index), normal))
    const looks = namesOfMirrors(used).map((name) => mirrors.refresh(name, normal))
    await Promise.allSettled(looks)
    return redirect(302, `../${normal}/`)
  }
}

function render(found: ProjectLinks, wanted: Wanted): { text: string; extra: ProjectExtra } {
  const { project, format } = wanted
  const { sources, upstreamSerial } = found
  return {
    text: renderProjectPage(found, project, wanted, format),
    extra: { mirrors: namesOfMirrors(sources.used), upstreamSerial },
  }
}

const namesOfMirrors = (indexes: readonly NamedIndex[]): IndexName[] =>
  indexes.flatMap(({ name, entry }) => (entry.type === 'mirror' ? [name] : []))

const pageName = ({ index, project, format, depth, root = '' }: Wanted): string =>
  `${index} ${project} ${format} ${depth} ${root}`

/** Refuses what can be no project's name, before anyone upstream hears of it. */
function assertAskable(project: string): void {
  if (isValidName(project)) return
  if (/^[\x20-\x7e]*$/.test(project)) throw refuse('project-missing', { project })
  throw refuse('bad-request', { reason: 'unicode project names not allowed' })
}

/** The query as it was sent, with its `?`. */
export function queryOf(call: Call): string {
  const url = call.raw.url ?? ''
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}

/** Without its last slash an address says different things to people and to installers. */
export function varyByAgent(answer: Answer): Answer {
  const { Vary = 'Accept' } = answer.headers ?? {}
  return { ...answer, headers: { ...answer.headers, Vary: `${Vary}, User-Agent` } }
}

/** devpi's idea of an installer: a token of the user agent. */
export function isInstaller(call: Call): boolean {
  const agent = call.headers['user-agent'] ?? ''
  return agent.split(' ').some((part) => /^(?:distribute|setuptools|pip|pex|uv)\//.test(part))
}

/** Headers of every Simple page. They change with every upload, and an installer must see its own. */
export const pageHeaders = (format: SimpleFormat, etag: string): Record<string, string> => ({
  'Content-Type': contentTypes[format],
  'Cache-Control': 'no-cache',
  Vary: 'Accept, Accept-Encoding',
  'X-Content-Type-Options': 'nosniff',
  ETag: etag,
})

/** A page in the best coding that the client takes, or 304 where it has it. */
export function sendPage(
  call: Call,
  page: Page<{ readonly upstreamSerial?: number | undefined }>,
  format: SimpleFormat,
): Answer | Promise<Answer> {
  const coding = codingFor(call, page.body.length)
  const headers = pageHeaders(format, page.etag(coding))
  const { upstreamSerial = 0 } = page.extra
  if (upstreamSerial > 0) headers['X-PyPI-Last-Serial'] = String(upstreamSerial)

  const unchanged = conditional(call, page.etag(coding))
  if (unchanged) return { status: 304, headers }
  if (coding === 'identity') return { status: 200, headers, body: page.body }

  headers['Content-Encoding'] = coding
  const form = page.form(coding)
  if (Buffer.isBuffer(form)) return { status: 200, headers, body: form }
  return form.then((body) => ({ status: 200, headers, body }))
}
