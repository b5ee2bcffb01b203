/** The primary, as its replica asks it: for the stream of its changes, and for blobs. */
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { Dispatchers, type ConnectionSettings } from '#base/dispatchers'
import { UpstreamFailure } from '#base/failure'
import { networkReason } from '#base/network-failure'
import { askPeer, messageIn, type PeerAnswer } from '#base/peer'
import type { Sha256 } from '#base/digest'
import type { Serial } from '#ledger/key'
import { readBatch, type SentBlob } from './blob-batch.ts'
import { FrameReader, type Frame } from './frames.ts'
import { parseView, printView, type GroupView } from './group-view.ts'
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

export type PrimaryAnswer = PeerAnswer

export interface PrimaryQuestion {
  /** From the primary's root on. */
  readonly path: string
  readonly method?: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

type PrimaryRequest = Omit<PrimaryQuestion, 'method'> & {
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly body?: Uint8Array
}

export interface PrimaryBlob {
  /** Undefined where it was not announced. */
  readonly size: number | undefined
  /** Its user must end or destroy it. */
  readonly body: Readable
}

export class Primary implements AsyncDisposable {
  readonly url: string
  readonly #settings: PrimarySettings
  #dispatchers: Dispatchers

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
    const { body } = await assertGiven(await this.#ask({ path, signal }, token))
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
    const answer = await this.ask({ path: `+blobs/${digest}`, signal })
    if (answer.status === 404) {
      answer.discard()
      return undefined
    }
    return { size: sizeOf(await assertGiven(answer)), body: answer.body }
  }

  /** Undefined where the primary has none. */
  async sizeOfBlob(digest: string, signal: AbortSignal): Promise<number | undefined> {
    const answer = await this.ask({ path: `+blobs/${digest}`, method: 'HEAD', signal })
    answer.discard()
    return answer.status === 200 ? sizeOf(answer) : undefined
  }

  /**
   * Small ones of these, whole, one after the other; of the others nothing is said. Their bytes are not checked. Throws
   * as `changes` does.
   */
  async *openSmallBlobs(
    digests: readonly Sha256[],
    signal: AbortSignal,
  ): AsyncGenerator<SentBlob, void, void> {
    const sent = { body: Buffer.from(JSON.stringify(digests)) }
    const question = { path: '+blobs', method: 'POST', signal, ...sent } as const
    const { body } = await assertGiven(await this.#ask(question, this.#token()))
    try {
      yield* readBatch(body, digests)
    } catch (error) {
      throw this.#failureOf(error)
    } finally {
      body.destroy()
    }
  }

  /** Tells how things are here, and returns how they are there. Throws as `changes` does. */
  async tell(view: GroupView, signal: AbortSignal): Promise<GroupView> {
    const token = this.#token()
    const key = this.#settings.tokens.streamKey(token)
    const question = { path: '+group', method: 'POST', signal } as const
    const sent = { ...question, body: printView(key, 'question', view) }
    const { body } = await assertGiven(await this.#ask(sent, token))
    try {
      return parseView(key, 'answer', await buffer(body))
    } catch (error) {
      throw this.#failureOf(error)
    }
  }

  /** Any status. Throws `UpstreamFailure` when there is no answer. */
  ask(question: PrimaryQuestion): Promise<PrimaryAnswer> {
    return this.#ask(question, this.#token())
  }

  /** Asks over new connections from now on. What runs may come to its end, unless it is broken off. */
  renew({ breakOff }: { readonly breakOff: boolean }): void {
    const old = this.#dispatchers
    this.#dispatchers = new Dispatchers(this.#settings.connections)
    void (breakOff ? old.destroy() : old.close())
  }

  /** Breaks off everything that runs. */
  close(): Promise<void> {
    return this.#dispatchers.destroy()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #token(): string {
    return this.#settings.tokens.issue(this.#settings.uuid)
  }

  async #ask(
    { path, method = 'GET', headers, signal, body: sent }: PrimaryRequest,
    token: string,
  ): Promise<PrimaryAnswer> {
    const { outsideUrl, userAgent } = this.#settings
    const url = this.url + path
    try {
      return await askPeer(this.#dispatchers, {
        ...{ url, method, signal, body: sent },
        headers: {
          'user-agent': userAgent,
          authorization: `Bearer ${token}`,
          'accept-encoding': 'identity',
          accept: 'application/json', // what errors are told in
          ...(outsideUrl !== undefined && { 'x-devpi-replica-outside-url': outsideUrl }),
          ...headers,
        },
      })
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

async function assertGiven(answer: PrimaryAnswer): Promise<PrimaryAnswer> {
  if (answer.status === 200) return answer
  throw new PrimaryRefuses(answer.status, await messageIn(answer))
}

function sizeOf(answer: PrimaryAnswer): number | undefined {
  const length = answer.header('content-length')
  return length === undefined ? undefined : Number(length)
}
