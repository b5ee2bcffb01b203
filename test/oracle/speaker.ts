/** One side of the conversation: it sends the steps to its server and remembers logins, as a client does. */
import { Agent, request, type IncomingMessage } from 'node:http'
import { devpiAuth } from '../support/devpi-api.ts'
import {
  byPath,
  startFakeUpstream,
  type Answer,
  type FakeUpstream,
} from '../support/fake-upstream.ts'
import { makeForm } from '../support/upload.ts'
import { hear, type Heard, type Places } from './heard.ts'
import type { RawAnswer, Step } from './step.ts'

export class Speaker implements AsyncDisposable {
  readonly #root: string
  readonly #upstream: FakeUpstream
  readonly #answers: Record<string, Answer> = {}
  readonly #tokens = new Map<string, string>()
  readonly #kept = new Map<string, string>()
  // One connection for all that is said, so that each request is also a later one on a connection.
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  #serial: number | undefined
  #seen = 0

  private constructor(root: string, upstream: FakeUpstream) {
    this.#root = root
    this.#upstream = upstream
  }

  /** `{upstream}` in its requests is an upstream of its own. */
  static async open(url: string): Promise<Speaker> {
    const root = url.replace(/\/$/, '')
    const upstream = await startFakeUpstream(byPath({}))
    const speaker = new Speaker(root, upstream)
    speaker.#kept.set('upstream', upstream.url().replace(/\/$/, ''))
    speaker.#kept.set('host', new URL(upstream.url()).host)
    upstream.answerWith((asked, response) => byPath(speaker.#answers)(asked, response))
    return speaker
  }

  async say(step: Step): Promise<Heard> {
    Object.assign(this.#answers, step.upstream)
    for (const [path, answer] of Object.entries(step.upstream ?? {})) {
      if (answer === undefined) delete this.#answers[path]
    }
    this.#seen = this.#upstream.requests.length
    const answer = await this.#send(step)
    this.#remember(step, answer)
    const serial = Number(answer.headers['x-devpi-serial'] ?? this.#serial ?? 0)
    const commits = serial - (this.#serial ?? serial)
    this.#serial = serial
    const heard = hear(answer, { step, places: this.#places(), commits })
    return step.upstreamLog ? { ...heard, upstream: this.#askedUpstream() } : heard
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy()
    await this.#upstream.close()
  }

  #places(): Places {
    return { root: this.#root, upstream: this.#kept.get('upstream') ?? '' }
  }

  #askedUpstream(): readonly string[] {
    return this.#upstream.requests.slice(this.#seen).map(({ method, path, headers }) => {
      const { authorization, cookie, 'if-none-match': etag, 'x-devpi-auth': login } = headers
      const more = [
        authorization && `with ${authorization}`,
        etag && `unless ${etag}`,
        login && 'with a login',
        cookie && `with the cookie ${cookie}`,
      ]
      return [method, path, ...more.filter((one) => one)].join(' ')
    })
  }

  #remember({ json: sent, ask, keep = {} }: Step, answer: RawAnswer): void {
    for (const [name, find] of Object.entries(keep)) this.#kept.set(name, find(answer))
    if (answer.status !== 200 || !/login|PATCH/.test(ask)) return
    const { result, type } = JSON.parse(answer.bytes.toString()) as {
      result?: { password?: string }
      type?: string
    }
    if (type !== 'proxyauth' && type !== 'userpassword') return
    const isLogin = ask === 'POST /+login'
    const user = isLogin ? (sent as { user: string }).user : (ask.split('/')[1] ?? '')
    this.#tokens.set(user, result?.password ?? '')
  }

  #fill(text: string): string {
    return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => this.#kept.get(name) ?? whole)
  }

  #fillAll(texts: Readonly<Record<string, string>>): Record<string, string> {
    const filled = Object.entries(texts).map(([name, text]) => [name, this.#fill(text)] as const)
    return Object.fromEntries(filled)
  }

  #fillJson(json: unknown): string {
    return JSON.stringify(json, (_, value: unknown) =>
      typeof value === 'string' ? this.#fill(value) : value,
    )
  }

  #send(step: Step): Promise<RawAnswer> {
    const [method = '', path = ''] = this.#fill(step.ask).split(' ')
    const { accept = 'application/json' } = step
    const { body, type } = this.#payload(step)
    const headers: Record<string, string> = {
      ...(accept !== '' && { accept }),
      ...this.#credentials(step),
      ...(type !== undefined && { 'content-type': type }),
      ...(body !== undefined && { 'content-length': String(body.length) }),
      ...this.#fillAll(step.headers ?? {}),
    }
    const { hostname, port } = new URL(this.#root)
    return new Promise((resolve, reject) => {
      const agent = step.alone ? false : this.#agent
      const outgoing = request({ hostname, port, method, path, headers, agent })
      outgoing
        .on('error', () => resolve(broken))
        .once('response', (incoming) => {
          collect(incoming).then(resolve, reject)
        })
      outgoing.end(body)
    })
  }

  #payload({ json, body, form, ...step }: Step): { body?: Buffer; type?: string } {
    if (form) return makeForm(form)
    const text = json !== undefined || 'json' in step ? this.#fillJson(json) : body
    return text === undefined ? {} : { body: Buffer.from(text as string) }
  }

  #credentials({ as, secret = as && this.#tokens.get(as), by }: Step): Record<string, string> {
    if (as === undefined) return {}
    const auth = devpiAuth({ user: as, secret: this.#fill(secret ?? '') })
    return by === 'basic' ? { authorization: `Basic ${auth['x-devpi-auth']}` } : auth
  }
}

async function collect(incoming: IncomingMessage): Promise<RawAnswer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
  } catch {
    return broken
  }
  const bytes = Buffer.concat(chunks)
  const { statusCode = 0, statusMessage = '', headers } = incoming
  return { status: statusCode, reason: statusMessage, headers, bytes }
}

const broken: RawAnswer = {
  status: 0,
  reason: 'the connection broke',
  headers: {},
  bytes: Buffer.alloc(0),
}
