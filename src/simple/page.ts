/** A rendered page, its validators and its compressed forms. */
import { createHash } from 'node:crypto'
import { atOnce, inTurns, joinInSteps, type Steps } from '#python/steps'
import { compress, type Coding } from './compress.ts'

/** A page ready to be sent. */
export class Page<Extra> {
  readonly body: Buffer
  readonly extra: Extra
  readonly #tag: string
  readonly #forms = new Map<Coding, Buffer | Promise<Buffer>>()
  /** Called when a further form has made the page larger. */
  onGrowth: (() => void) | undefined

  /** `name`: pages of other names have other validators, though their bytes may be the same. */
  constructor(
    text: string | Buffer,
    extra: Extra,
    name = '',
    { body, tag }: Prepared = atOnce(prepare(text, name)),
  ) {
    this.body = body
    this.extra = extra
    this.#tag = tag
    this.#forms.set('identity', this.body)
  }

  /** The same, in turns with all other work: the text may be very long. */
  static async of<Extra>(text: string | Buffer, extra: Extra, name: string): Promise<Page<Extra>> {
    return new Page(text, extra, name, await inTurns(prepare(text, name)))
  }

  /** A strong validator: another for each coding (RFC 9110, section 8.8.3.3). */
  etag(coding: Coding): string {
    return coding === 'identity' ? `"${this.#tag}"` : `"${this.#tag}-${coding}"`
  }

  /** The page in a coding: at once where it was made before. */
  form(coding: Coding): Buffer | Promise<Buffer> {
    const made = this.#forms.get(coding)
    if (made) return made
    const making = compress(this.body, coding as Exclude<Coding, 'identity'>)
    if (Buffer.isBuffer(making)) return this.#keep(coding, making)
    const kept = this.#keepOnce(coding, making)
    this.#forms.set(coding, kept)
    return kept
  }

  #keep(coding: Coding, bytes: Buffer): Buffer {
    this.#forms.set(coding, bytes)
    this.onGrowth?.()
    return bytes
  }

  async #keepOnce(coding: Coding, making: Promise<Buffer>): Promise<Buffer> {
    try {
      return this.#keep(coding, await making)
    } catch (error) {
      this.#forms.delete(coding)
      throw error
    }
  }

  /** Bytes of all forms that are there. */
  get size(): number {
    let bytes = 0
    for (const form of this.#forms.values()) if (Buffer.isBuffer(form)) bytes += form.length
    return bytes
  }
}

interface Prepared {
  readonly body: Buffer
  readonly tag: string
}

/** Characters, or bytes, that are worked on in one go. */
const PIECE = 256 * 1024

function* prepare(text: string | Buffer, name: string): Steps<Prepared> {
  const body = typeof text === 'string' ? yield* encode(text) : text
  const hash = createHash('sha256').update(`${name}\0`)
  for (let start = 0; start < body.length; start += PIECE) {
    hash.update(body.subarray(start, start + PIECE))
    yield
  }
  return { body, tag: hash.digest('base64url').slice(0, 27) }
}

function* encode(text: string): Steps<Buffer> {
  if (text.length <= PIECE) return Buffer.from(text)
  const pieces: Buffer[] = []
  for (let start = 0; start < text.length;) {
    // what two characters stand for together is not taken apart
    const end = start + PIECE - (isLead(text.charCodeAt(start + PIECE - 1)) ? 1 : 0)
    pieces.push(Buffer.from(text.slice(start, end)))
    start = end
    yield
  }
  return yield* joinInSteps(pieces)
}

const isLead = (code: number): boolean => code >= 0xd800 && code <= 0xdbff
