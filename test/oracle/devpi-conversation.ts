/** The same requests to Wheelyard and to the real devpi-server, and what both answer in a form that compares. */
import { request, type IncomingMessage } from 'node:http'
import { devpiAuth } from '../support/devpi-api.ts'

export interface Step {
  /** As one would write it on a command line: `PUT /bob`. */
  readonly ask: string
  /** The user whose last login signs the request. */
  readonly as?: string
  readonly secret?: string
  readonly json?: unknown
  readonly body?: string
  /** JSON unless said; `''` for none at all. */
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Why the answers are not the same, where that is meant. */
  readonly differs?: string
}

export interface Heard {
  readonly status: number
  readonly reason: string
  readonly type: string | undefined
  /** JSON with what must differ masked; of other bodies only the message matters, which stands in the reason. */
  readonly body: unknown
  /** How many serials the request made. */
  readonly commits: number
}

/** One side of the conversation. It remembers logins, as a client does. */
export class Speaker {
  readonly #url: string
  readonly #tokens = new Map<string, string>()
  #serial: number | undefined

  constructor(url: string) {
    this.#url = url
  }

  async say(step: Step): Promise<Heard> {
    const answer = await this.#send(step)
    const { json, serial } = answer
    this.#remember(step, json)
    const commits = serial === undefined ? 0 : serial - (this.#serial ?? serial)
    this.#serial = serial ?? this.#serial
    const body = json === undefined ? plain(answer.text) : mask(json, '')
    return { status: answer.status, reason: answer.reason, type: answer.type, body, commits }
  }

  #remember({ as, json: sent, ask }: Step, json: unknown): void {
    const { result, type } = (json ?? {}) as { result?: { password?: string }; type?: string }
    const isToken = type === 'proxyauth' || type === 'userpassword'
    if (!isToken) return
    const user = ask === 'POST /+login' ? (sent as { user: string }).user : as
    if (user !== undefined) this.#tokens.set(user, result?.password ?? '')
  }

  #send(step: Step): Promise<Answered> {
    const [method = '', path = ''] = step.ask.split(' ')
    const { as, accept = 'application/json' } = step
    const secret = step.secret ?? (as === undefined ? undefined : this.#tokens.get(as))
    const body = 'json' in step ? JSON.stringify(step.json) : step.body
    const headers: Record<string, string> = {
      ...(accept !== '' && { accept }),
      ...(as !== undefined && devpiAuth({ user: as, secret: secret ?? '' })),
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      ...step.headers,
    }
    const { hostname, port } = new URL(this.#url)
    return new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, method, path, headers, agent: false })
      outgoing.once('error', reject).once('response', (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject)
        incoming.once('end', () => resolve(this.#read(incoming, Buffer.concat(chunks).toString())))
      })
      outgoing.end(body)
    })
  }

  #read({ statusCode, statusMessage, headers }: IncomingMessage, body: string): Answered {
    const text = body.replaceAll(this.#url.replace(/\/$/, ''), 'ROOT')
    const type = headers['content-type']
    const serial = headers['x-devpi-serial']
    return {
      status: statusCode ?? 0,
      reason: statusMessage ?? '',
      type: type?.toLowerCase(),
      text,
      json: type === 'application/json' && text !== '' ? JSON.parse(text) : undefined,
      serial: serial === undefined ? undefined : Number(serial),
    }
  }
}

interface Answered {
  readonly status: number
  readonly reason: string
  readonly type: string | undefined
  readonly text: string
  readonly json: unknown
  readonly serial: number | undefined
}

const times = new Set(['created', 'modified'])

/** Times, tokens and the free text of framework errors differ; all else counts. */
function mask(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((member) => mask(member, ''))
  if (typeof value !== 'object' || value === null) {
    if (times.has(name))
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(String(value)) ? 'TIME' : value
    return name === 'password' ? 'TOKEN' : value
  }
  const isFrameworkError = 'code' in value && 'title' in value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      isFrameworkError && key === 'message' ? 'TEXT' : mask(member, key),
    ]),
  )
}

/** Error pages are laid out in another way; what they say is compared where it is said in JSON. */
const plain = (text: string): string => (text === '' ? 'EMPTY' : 'TEXT')
