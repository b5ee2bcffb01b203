/** Asks an upstream for one project's page and reads it, in whichever form it comes. */
import { UpstreamFailure } from '#base/failure'
import type { ProjectName } from '#python/name'
import { UnreadablePage, type ProjectPage } from '#python/simple-page'
import { readProjectJson } from '#python/simple-page-json'
import { inTurns } from '#python/steps'
import { projectUrl, shownUrl, type UpstreamAddress } from './address.ts'
import { acceptedEncodings, contentType, readText } from './upstream-body.ts'
import { pageStatusFailure } from './upstream-failure.ts'
import type { Upstream, UpstreamAnswer } from './upstream.ts'

export type ProjectAnswer =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'page'
      readonly page: ProjectPage
      readonly etag: string | undefined
      readonly lastSerial: number | undefined
    }

export interface ProjectQuestion {
  readonly address: UpstreamAddress
  readonly project: ProjectName
  /** Of the page that our links are from. */
  readonly etag: string | undefined
  readonly signal: AbortSignal
  /** Somebody asks for it anew, whatever was heard of upstream. */
  readonly isForced?: boolean
}

/** As pip asks: every upstream knows it. */
export const acceptedPages =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01'

/** Twice what the largest projects have. */
/** Of a text, by which it is told what it is. */
const LONGEST_START = 1024

const LARGEST_PAGE = 48 * 1024 * 1024

/** Throws `UpstreamFailure` for any answer that does not say what files there are. */
export function askProject(
  upstream: Upstream,
  { project, ...question }: ProjectQuestion,
): Promise<ProjectAnswer> {
  return askPage(upstream, { ...question, url: projectUrl(question.address, project) })
}

/** The same for a page at any address. */
export async function askPage(
  upstream: Upstream,
  {
    url,
    address,
    etag,
    signal,
    isForced = false,
  }: Omit<ProjectQuestion, 'project'> & {
    readonly url: string
  },
): Promise<ProjectAnswer> {
  const headers = {
    accept: acceptedPages,
    'accept-encoding': acceptedEncodings,
    ...(etag !== undefined && { 'if-none-match': etag }),
  }
  const answer = await upstream.ask({ url, address, headers, signal, isForced, isForPage: true })
  if (answer.status === 200) return readPage(answer)

  answer.discard()
  if (answer.status === 304 && etag !== undefined) return { kind: 'unchanged' }
  if (answer.status === 404 || answer.status === 410) return { kind: 'missing' }
  throw pageStatusFailure(answer.status, answer.url)
}

async function readPage(answer: UpstreamAnswer): Promise<ProjectAnswer> {
  const text = await readText(answer, LARGEST_PAGE)
  const page = await parsePage(text, answer)
  const serial = Number.parseInt(answer.header('x-pypi-last-serial') ?? '', 10)
  return {
    kind: 'page',
    page,
    etag: answer.header('etag'),
    lastSerial: Number.isSafeInteger(serial) ? serial : page.lastSerial,
  }
}

async function parsePage(text: string, answer: UpstreamAnswer): Promise<ProjectPage> {
  try {
    if (isJson(text, answer)) return await inTurns(readProjectJson(text, answer.url))
    assertHtml(text, answer)
    // Only some upstreams need it, and it is slow to load.
    const { readProjectHtml } = await import('#python/html-page-reader')
    const page = await inTurns(readProjectHtml(text, answer.url))
    assertForPrograms(text, page.files.length === 0)
    return page
  } catch (error) {
    if (!(error instanceof UnreadablePage)) throw error
    throw new UpstreamFailure(`cannot read ${shownUrl(answer.url)}: ${error.reason}`, {
      cause: error,
    })
  }
}

/** Throws `UnreadablePage`. */
export function assertHtml(text: string, answer: UpstreamAnswer): void {
  if (!isHtml(text, answer)) throw new UnreadablePage('it is neither HTML nor JSON')
}

/** A page that lists nothing, and has what only people use, does not tell that there is nothing. */
export function assertForPrograms(text: string, isEmpty: boolean): void {
  const isForPeople =
    (isEmpty && /<(?:form|input|script)\b/i.test(text)) ||
    /<input\s[^<>]{0,500}\btype=["']?password\b/i.test(text)
  if (isForPeople) throw new UnreadablePage('it is a page for people, such as a login')
}

function isJson(text: string, answer: UpstreamAnswer): boolean {
  return /^[^;]*json/i.test(contentType(answer)) || /^\s*\{/.test(text)
}

/** A page without any link is a project without files, but it must be a page. */
function isHtml(text: string, answer: UpstreamAnswer): boolean {
  if (text.slice(0, LONGEST_START).includes('\0')) return false // such as UTF-16 that does not say so
  const type = contentType(answer)
  return /^\s*</.test(text)
    ? /^(?:$|text\/|[^;]*html)/i.test(type)
    : /^[^;]*html/i.test(type) && /<a\s/i.test(text)
}
