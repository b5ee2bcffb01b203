/** Parts of a file upstream, by range requests. How each server takes them is remembered for a while. */
import { LRUCache } from 'lru-cache'
import { UpstreamFailure } from '#base/failure'
import type { FarFile } from '#python/wheel-end'
import { shownUrl, type UpstreamAddress } from './address.ts'
import { lastModifiedOf } from './last-modified.ts'
import { readBytes } from './upstream-body.ts'
import { statusFailure } from './upstream-failure.ts'
import type { Upstream, UpstreamAnswer } from './upstream.ts'

export interface FarWheel extends FarFile {
  /** When it came to be upstream, as its answer says. */
  readonly uploadedAt: string | undefined
}

/** `whole`: this server sends no parts, or sends wrong ones. It may have begun to send all of it. */
export type Opened =
  | { readonly kind: 'parts'; readonly file: FarWheel }
  | { readonly kind: 'whole'; readonly answer?: UpstreamAnswer }

export interface FarQuestion {
  readonly url: string
  readonly address: UpstreamAddress | undefined
  /** As upstream's page has it. */
  readonly size: number | undefined
  readonly signal: AbortSignal
}

/** What a server says of its parts does not add up, or it sends none after all. */
export class NoParts extends UpstreamFailure {}

/** `suffix`: the last bytes of a file can be asked for without knowing its size. */
type Manner = 'suffix' | 'plain' | 'whole'

/** In most wheels it holds the directory, and often the metadata as well. */
const TAIL_BYTES = 12 * 1024
const MOST_SERVERS = 1000
const REMEMBERED_MS = 3_600_000
/** What servers say that know ranges, but not from the end. */
const refusesSuffix = new Set([400, 405, 416, 501])

export class FarWheels {
  readonly #upstream: Upstream
  /** By origin. */
  readonly #manners = new LRUCache<string, Manner>({ max: MOST_SERVERS, ttl: REMEMBERED_MS })

  constructor(upstream: Upstream) {
    this.#upstream = upstream
  }

  /** Whether nothing but whole files can be had from there, as far as is known. */
  sendsWhole(url: string): boolean {
    return this.#manners.get(originOf(url)) === 'whole'
  }

  /** Parts of this file were wrong: the server is not asked for any in the next time. */
  distrust(url: string): void {
    this.#manners.set(originOf(url), 'whole')
  }

  /** Throws `UpstreamFailure` where the file cannot be had at all. */
  async open(question: FarQuestion): Promise<Opened> {
    const manner = this.#manners.get(originOf(question.url)) ?? 'suffix'
    if (manner === 'whole') return { kind: 'whole' }
    const asked = manner === 'suffix' ? await this.#askEnd(question) : undefined
    if (asked) return this.#open(question, asked)
    const size = question.size ?? (await this.#askSize(question))
    if (!size) return this.#giveUp(question)
    this.#manners.set(originOf(question.url), 'plain')
    const start = Math.max(size - TAIL_BYTES, 0)
    return this.#open(question, await this.#ask(question, `bytes=${start}-${size - 1}`))
  }

  /** Undefined where the server knows no such ranges. */
  async #askEnd(question: FarQuestion): Promise<UpstreamAnswer | undefined> {
    const answer = await this.#ask(question, `bytes=-${TAIL_BYTES}`)
    if (!refusesSuffix.has(answer.status)) return answer
    answer.discard()
    return undefined
  }

  async #open(question: FarQuestion, answer: UpstreamAnswer): Promise<Opened> {
    if (answer.status === 200) return this.#giveUp(question, answer)
    if (answer.status !== 206) {
      answer.discard()
      if (refusesSuffix.has(answer.status)) return this.#giveUp(question)
      throw statusFailure(answer.status, answer.url)
    }
    const range = rangeOf(answer)
    const size = question.size ?? range?.size
    const isTail = range && range.size === size && range.end === size - 1
    if (!isTail || range.end - range.start >= TAIL_BYTES) {
      answer.discard()
      return this.#giveUp(question)
    }
    try {
      const tail = await readExactly(answer, range.end - range.start + 1)
      const read = (position: number, length: number): Promise<Buffer> =>
        this.#read(question, { position, length, size: range.size })
      const uploadedAt = lastModifiedOf(answer)
      return { kind: 'parts', file: { size: range.size, tail, read, uploadedAt } }
    } catch (error) {
      if (error instanceof NoParts) return this.#giveUp(question)
      throw error
    }
  }

  async #read(
    question: FarQuestion,
    { position, length, size }: { position: number; length: number; size: number },
  ): Promise<Buffer> {
    const answer = await this.#ask(question, `bytes=${position}-${position + length - 1}`)
    const range = answer.status === 206 ? rangeOf(answer) : undefined
    const isRight =
      range?.start === position && range.end === position + length - 1 && range.size === size
    if (isRight) return readExactly(answer, length)
    answer.discard()
    throw new NoParts(`${shownUrl(answer.url)} does not send the part that was asked for`)
  }

  async #askSize(question: FarQuestion): Promise<number | undefined> {
    const answer = await this.#upstream.ask({ ...question, method: 'HEAD', headers })
    answer.discard()
    const length = /^\d{1,15}$/.exec(answer.header('content-length') ?? '')?.[0]
    return answer.status === 200 && length !== undefined ? Number(length) : undefined
  }

  #ask(question: FarQuestion, range: string): Promise<UpstreamAnswer> {
    return this.#upstream.ask({ ...question, headers: { ...headers, range } })
  }

  #giveUp({ url }: FarQuestion, answer?: UpstreamAnswer): Opened {
    this.distrust(url)
    return answer ? { kind: 'whole', answer } : { kind: 'whole' }
  }
}

const headers = { accept: '*/*', 'accept-encoding': 'identity' }

const originOf = (url: string): string => URL.parse(url)?.origin ?? ''

interface Range {
  readonly start: number
  readonly end: number
  readonly size: number
}

function rangeOf(answer: UpstreamAnswer): Range | undefined {
  const told = answer.header('content-range') ?? ''
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(told.trim())
  if (!match) return undefined
  const [start, end, size] = match.slice(1).map(Number) as [number, number, number]
  return start <= end && end < size ? { start, end, size } : undefined
}

async function readExactly(answer: UpstreamAnswer, length: number): Promise<Buffer> {
  const announced = answer.header('content-length')
  if (announced !== undefined && Number(announced) !== length) {
    answer.discard()
    throw new NoParts(`${shownUrl(answer.url)} sends a part of another length than it says`)
  }
  const bytes = await readBytes(answer, length)
  if (bytes.length === length) return bytes
  throw new NoParts(`${shownUrl(answer.url)} sends less of a part than it says`)
}
