/** The primary, as its replica asks it: for the stream of its changes, and for blobs. */
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Dispatchers, type ConnectionSettings } from '#base/dispatchers'
import { UpstreamFailure } from '#base/failure'
import { networkReason } from '#base/network-failure'
import type { Serial } from '#ledger/key'
import { FrameReader, type Frame } from './frames.ts'
import type { ReplicaTokens } from './replica-tokens.ts'
import { WireProblem } from './change-text.ts'

export interface PrimarySettings {
  /** Of its root: credentials don't count, a path does. */
  readonly url: string
  readonly tokens: ReplicaTokens
  /** Of this server. */
  readonly uuid: string
  readonly outsideUrl: string | undefined
  readonly userAgent: string
  /** `stallTimeoutMs` must be longer than a stream is silent. */
  readonly connections: ConnectionSettings
}

/** The primary answered, and says no. */
export class PrimaryRefuses extends Error {
  readonly status: number

  constructor(status: number, said: string) {
    super(`the primary answers ${status}${said === '' ? '' : `: ${said}`}`)
    this.name = 'PrimaryRefuses'
    this.status = status
  }
}

export interface PrimaryBlob {
  /** Undefined where it was not announced. */
  readonly size: number | undefined
  /** Its user must end or destroy it. */
  readonly body: Readable
}

export class Primary {
  readonly url: string
  readonly #settings: PrimarySettings
  readonly #dispatchers: Dispatchers

  constructor(settings: PrimarySettings) {
    this.url = settings.url.replace(/\/*$/, '/')
    this.#settings = settings
    this.#dispatchers = new Dispatchers(settings.connections)
  }

  /**
   * The frames from a serial on, those that came together in one go. Ends when the primary ends it; throws
   * `PrimaryRefuses`, `WireProblem`, or `UpstreamFailure` when the network fails.
   */
  async *changes(
    from: Serial,
    hashBefore: string,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Frame[], void, void> {
    const token = this.#token()
    const path = `+changes/${from}-?after=${hashBefore}`
    const { body } = await this.#ask('GET', path, { token, signal })
    const reader = new FrameReader(this.#settings.tokens.streamKey(token))
    try {
      for await (const piece of body as AsyncIterable<Buffer>) {
        const frames = reader.push(piece)
        if (frames.length > 0) yield frames
      }
      if (!reader.isBetweenFrames) throw new WireProblem('it ends within a frame')
    } catch (error) {
      throw this.#failureOf(error)
    } finally {
      body.destroy()
    }
  }

  /** Undefined where the primary has none. */
  async openBlob(digest: string, signal: AbortSignal): Promise<PrimaryBlob | undefined> {
    const asked = { token: this.#token(), signal }
    const answer = await this.#ask('GET', `+blobs/${digest}`, asked, [404])
    if (answer.status === 404) {
      answer.body.destroy()
      return undefined
    }
    return { size: answer.size, body: answer.body }
  }

  /** Undefined where the primary has none. */
  async sizeOfBlob(digest: string, signal: AbortSignal): Promise<number | undefined> {
    const asked = { token: this.#token(), signal }
    const { status, size, body } = await this.#ask('HEAD', `+blobs/${digest}`, asked, [404])
    body.resume()
    return status === 404 ? undefined : size
  }

  /** Breaks off everything that runs. */
  close(): Promise<void> {
    return this.#dispatchers.destroy()
  }

  #token(): string {
    return this.#settings.tokens.issue(this.#settings.uuid)
  }

  async #ask(
    method: 'GET' | 'HEAD',
    path: string,
    { token, signal }: { token: string; signal: AbortSignal },
    alsoTaken: readonly number[] = [],
  ): Promise<{ status: number; size: number | undefined; body: Readable }> {
    const { outsideUrl, userAgent } = this.#settings
    const url = this.url + path
    try {
      const { request } = await import('undici')
      const answer = await request(url, {
        method,
        dispatcher: await this.#dispatchers.for(url),
        signal,
        headers: {
          'user-agent': userAgent,
          authorization: `Bearer ${token}`,
          'accept-encoding': 'identity',
          ...(outsideUrl !== undefined && { 'x-devpi-replica-outside-url': outsideUrl }),
        },
      })
      const { statusCode: status, body, headers } = answer
      body.on('error', () => {}) // whoever reads it is told; one that nobody reads must not be fatal
      if (status !== 200 && !alsoTaken.includes(status)) {
        throw new PrimaryRefuses(status, method === 'HEAD' ? '' : await messageIn(body))
      }
      const length = headers['content-length']
      return { status, size: typeof length === 'string' ? Number(length) : undefined, body }
    } catch (error) {
      throw this.#failureOf(error)
    }
  }

  #failureOf(error: unknown): unknown {
    if (error instanceof PrimaryRefuses || error instanceof WireProblem) return error
    return new UpstreamFailure(`the primary ${this.url} fails: ${networkReason(error)}`, {
      cause: error,
    })
  }
}

/** What an error says, be it JSON, text or a page. */
async function messageIn(body: Readable): Promise<string> {
  const said = (await text(body)).slice(0, 10_000)
  try {
    return `${(JSON.parse(said) as { message?: string }).message ?? ''}`.slice(0, 300)
  } catch {
    return said
      .replaceAll(/<head>.*<\/head>|<[^>]*>/gs, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .slice(0, 300)
  }
}
