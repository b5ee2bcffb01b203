/** A server's HTTP API, as commands ask it. */
import { sha256OfStream } from '#base/digest'
import { Dispatchers } from '#base/dispatchers'
import { UpstreamFailure } from '#base/failure'

export interface Client extends AsyncDisposable {
  /** The server's address without credentials, with a slash at its end. */
  readonly url: string
  /** `result` of the JSON answer. Throws `UpstreamFailure` with the server's own words where it refuses. */
  get(path: string): Promise<unknown>
  /** A page of a simple index, or undefined where there is none. */
  getPage(path: string): Promise<PageText | undefined>
  /** What a file's bytes are, or why there are none. Throws `UpstreamFailure` when there is no answer. */
  readFile(path: string): Promise<FileBytes | NoBytes>
}

/** `status`: of an answer that is no file. One that breaks off has status 200. */
export interface NoBytes {
  readonly status: number
}

export interface FileBytes {
  /** SHA-256. */
  readonly digest: string
  /** Bytes. */
  readonly size: number
}

export interface PageText {
  readonly url: string
  readonly text: string
  readonly isJson: boolean
}

const SIMPLE_PAGE = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5'

const CONNECT_MS = 10_000
const STALL_MS = 120_000

/** `address` may hold a user and a password, which are sent with each request. */
export function openClient(address: URL): Client {
  const { username, password } = address
  const clean = new URL(address)
  clean.username = ''
  clean.password = ''
  if (!clean.pathname.endsWith('/')) clean.pathname += '/'
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const login =
    username === '' ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
  const dispatchers = new Dispatchers({ connectTimeoutMs: CONNECT_MS, stallTimeoutMs: STALL_MS })

  async function ask(path: string, accept: string) {
    const url = new URL(path, clean)
    const { request } = await import('undici')
    try {
      const answer = await request(url, {
        dispatcher: await dispatchers.for(url.href),
        headers: { accept, ...login },
      })
      return { url: url.href, answer, text: await answer.body.text() }
    } catch (error) {
      throw new UpstreamFailure(`cannot reach ${clean.href}: ${reasonOf(error)}`, { cause: error })
    }
  }

  async function get(path: string): Promise<unknown> {
    const { answer, text } = await ask(path, 'application/json')
    const body = parse(text)
    if (answer.statusCode === 200 && body?.result !== undefined) return body.result
    const said = body?.message ?? `${answer.statusCode} ${answer.statusText}`
    throw new UpstreamFailure(`${clean.href} says: ${said}`, { status: answer.statusCode })
  }

  async function getPage(path: string): Promise<PageText | undefined> {
    const { url, answer, text } = await ask(path, SIMPLE_PAGE)
    if (answer.statusCode === 404) return undefined
    if (answer.statusCode === 200) {
      return { url, text, isJson: /json/i.test(String(answer.headers['content-type'])) }
    }
    const said = parse(text)?.message ?? `${answer.statusCode} ${answer.statusText}`
    throw new UpstreamFailure(`${url} says: ${said}`, { status: answer.statusCode })
  }

  async function readFile(path: string): Promise<FileBytes | NoBytes> {
    const url = new URL(path, clean)
    const { request } = await import('undici')
    const answer = await request(url, {
      dispatcher: await dispatchers.for(url.href),
      headers: { accept: '*/*', 'accept-encoding': 'identity', ...login },
    }).catch((cause: unknown) => {
      throw new UpstreamFailure(`cannot reach ${clean.href}: ${reasonOf(cause)}`, { cause })
    })
    const { statusCode: status, body } = answer
    if (status === 200) return sha256OfStream(body).catch(() => ({ status }))
    await body.dump()
    return { status }
  }

  return {
    url: clean.href,
    get,
    getPage,
    readFile,
    [Symbol.asyncDispose]: () => dispatchers.destroy(),
  }
}

interface Envelope {
  readonly result?: unknown
  readonly message?: string
}

function parse(text: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error
    ? error.message || ((error as { code?: string }).code ?? error.name)
    : String(error)
}
