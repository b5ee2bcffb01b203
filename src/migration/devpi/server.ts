/** A devpi-server, as its replica asks it: for its changelog, its files and its pages. */
import type { Readable } from 'node:stream'
import type { Clock } from '#base/clock'
import { Dispatchers, type ConnectionSettings } from '#base/dispatchers'
import { UpstreamFailure } from '#base/failure'
import { networkReason } from '#base/network-failure'
import { askPeer, messageIn, type PeerAnswer } from '#base/peer'
import { readEntry, type ChangelogEntry } from './changelog.ts'
import { signText } from './secret-keys.ts'
import { NotDevpi, type PythonValue } from './values.ts'
import { ValueReader } from './value-reader.ts'

export interface DevpiSettings {
  /** Of its root; a path counts. */
  readonly url: string
  /** The key of `devpi-server-replica`, made of the secret that it has too. */
  readonly key: Promise<Uint8Array>
  /** Of this server: 32 hex digits. */
  readonly uuid: string
  readonly outsideUrl: string | undefined
  readonly userAgent: string
  readonly clock: Clock
  /** `stallTimeoutMs` must be longer than devpi holds a request: 30 seconds. */
  readonly connections: ConnectionSettings
}

/** It answered, and says no. */
export class DevpiRefuses extends Error {
  readonly status: number

  constructor(status: number, said: string) {
    super(`the devpi-server answers ${status}${said === '' ? '' : `: ${said}`}`)
    this.name = 'DevpiRefuses'
    this.status = status
  }
}

export type DevpiAnswer = PeerAnswer

export interface DevpiQuestion {
  /** From the server's root on. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** What the changelog answered. */
export interface ChangelogAnswer {
  /** Whose it is. */
  readonly uuid: string
  /** Its last serial, as far as it says. */
  readonly serial: number
  /** Nothing has come while it waited. */
  readonly isIdle: boolean
  /** Those that came together in one go. */
  readonly entries: AsyncIterable<readonly ChangelogEntry[]>
}

const STREAM = 'application/x-devpi-replica-changes'

/** A token that is dated a second ahead of its reader's clock is refused; one that is 37 s old is not. */
const BEFORE_SECONDS = 2

export class DevpiServer {
  readonly url: string
  readonly #settings: DevpiSettings
  readonly #dispatchers: Dispatchers
  /** By how much its clock is ahead of ours, in milliseconds. */
  #ahead: number | undefined
  /** Of the server that is followed: it refuses to be taken for another. */
  #expected = ''

  constructor(settings: DevpiSettings) {
    this.url = settings.url.replace(/\/*$/, '/')
    this.#settings = settings
    this.#dispatchers = new Dispatchers(settings.connections)
  }

  /** Only this server is followed from now on. */
  expect(uuid: string): void {
    this.#expected = uuid
  }

  /**
   * The entries from a serial on; it waits for some time where there are none yet. Throws `DevpiRefuses`, `NotDevpi`, or
   * `UpstreamFailure`.
   */
  async changelog(from: number, isFirst: boolean, signal: AbortSignal): Promise<ChangelogAnswer> {
    const answer = await this.ask({
      path: `+changelog/${from}-${isFirst ? '?initial_fetch' : ''}`,
      headers: { accept: `${STREAM}, application/octet-stream; q=0.9` },
      signal,
    })
    const uuid = answer.header('x-devpi-primary-uuid') ?? answer.header('x-devpi-master-uuid')
    const serial = answer.header('x-devpi-serial') ?? ''
    if (answer.status !== 200 && answer.status !== 202) throw await refusalIn(answer)
    if (uuid === undefined || uuid === '' || !/^-?\d+$/.test(serial)) {
      answer.discard()
      throw new NotDevpi(`${this.url} does not answer as a devpi-server does`)
    }
    const isIdle = answer.status === 202
    if (isIdle) answer.discard()
    const isStream = (answer.header('content-type') ?? '').startsWith(STREAM)
    const entries = isIdle ? nothing() : this.#entries(answer.body, isStream)
    return { uuid, serial: Number(serial), isIdle, entries }
  }

  /** Any status. Throws `UpstreamFailure` when there is no answer. */
  async ask(question: DevpiQuestion): Promise<DevpiAnswer> {
    if (this.#ahead === undefined) await this.#learnClock(question.signal)
    return this.#ask(question)
  }

  /** Breaks off everything that runs. */
  close(): Promise<void> {
    return this.#dispatchers.destroy()
  }

  async *#entries(body: Readable, isStream: boolean): AsyncGenerator<readonly ChangelogEntry[]> {
    const reader = new ValueReader()
    let serial: PythonValue | undefined
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const entries: ChangelogEntry[] = []
        for (const value of reader.push(chunk)) {
          if (!isStream) {
            entries.push(...readList(value))
          } else if (serial === undefined) {
            serial = value
          } else {
            entries.push(readEntry(serial, Array.isArray(value) ? value[0] : undefined))
            serial = undefined
          }
        }
        if (entries.length > 0) yield entries
      }
      // What was cut off is asked for again: it says by its serial how much there is.
    } catch (error) {
      throw this.#failureOf(error)
    } finally {
      body.destroy()
    }
  }

  /** Every answer says what its clock says. */
  async #learnClock(signal: AbortSignal): Promise<void> {
    const answer = await this.#ask({ path: '+api', signal })
    answer.discard()
    this.#ahead ??= 0
  }

  async #ask({ path, headers, signal }: DevpiQuestion): Promise<DevpiAnswer> {
    const { uuid, outsideUrl, userAgent, clock } = this.#settings
    const url = this.url + path
    try {
      const token = await this.#token()
      const answer = await askPeer(this.#dispatchers, {
        ...{ url, signal },
        headers: {
          'user-agent': userAgent,
          accept: '*/*',
          'accept-encoding': 'identity',
          'x-devpi-replica-uuid': uuid,
          'x-devpi-expected-primary-id': this.#expected,
          'x-devpi-expected-master-id': this.#expected,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(outsideUrl !== undefined && { 'x-devpi-replica-outside-url': outsideUrl }),
          ...headers,
        },
      })
      const date = Date.parse(answer.header('date') ?? '')
      if (!Number.isNaN(date)) this.#ahead = date - clock.now()
      return answer
    } catch (error) {
      throw this.#failureOf(error)
    }
  }

  /** None before its clock is known: it would refuse one that is dated ahead. */
  async #token(): Promise<string | undefined> {
    if (this.#ahead === undefined) return undefined
    const { uuid, clock } = this.#settings
    // Making it may take longer than a token is good.
    const key = await this.#settings.key
    const now = Math.floor((clock.now() + this.#ahead) / 1000)
    return signText(key, JSON.stringify(uuid), now - BEFORE_SECONDS)
  }

  #failureOf(error: unknown): unknown {
    if (error instanceof DevpiRefuses || error instanceof NotDevpi) return error
    return new UpstreamFailure(`the devpi-server ${this.url} fails: ${networkReason(error)}`, {
      cause: error,
    })
  }
}

function readList(value: PythonValue): ChangelogEntry[] {
  if (!Array.isArray(value)) throw new NotDevpi('its changelog is no list')
  return value.map((pair) => {
    const [serial, changes] = Array.isArray(pair) ? pair : []
    return readEntry(serial, changes)
  })
}

async function* nothing(): AsyncGenerator<readonly ChangelogEntry[]> {}

/** For an answer that is no file and no changelog. */
export async function refusalIn(answer: DevpiAnswer): Promise<DevpiRefuses> {
  return new DevpiRefuses(answer.status, await messageIn(answer))
}
