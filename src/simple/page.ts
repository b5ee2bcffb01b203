/** A rendered page, its validators and its compressed forms. */
import { createHash } from 'node:crypto'
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
  constructor(text: string | Buffer, extra: Extra, name = '') {
    this.body = typeof text === 'string' ? Buffer.from(text) : text
    this.extra = extra
    this.#tag = createHash('sha256')
      .update(`${name}\0`)
      .update(this.body)
      .digest('base64url')
      .slice(0, 27)
    this.#forms.set('identity', this.body)
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
