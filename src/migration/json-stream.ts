/**
 * A JSON file taken apart while it is read: only what is asked for is parsed, one piece at a time, so that a file larger
 * than memory can be gone through. What is passed over is looked at no closer than its brackets and quotes.
 */

/** Keys of objects, and numbers of a list's members, from the outermost on. */
export type JsonPath = readonly (string | number)[]

/** What becomes of the value at a path: looked into, parsed as one piece, or passed over. */
export type Decide = (path: JsonPath) => 'enter' | 'take' | 'pass'

export interface JsonPiece {
  readonly path: JsonPath
  /** Undefined where an object or list is entered, which is told before what is in it. */
  readonly value: unknown
}

/** The text is no JSON, or ends too early; says where. */
export class BrokenJson extends Error {
  constructor(what: string, at: number, path: JsonPath) {
    const place = path.length > 0 ? `, in ${printPath(path)}` : ''
    super(`${what} at byte ${at}${place}`)
    this.name = 'BrokenJson'
  }
}

const printPath = (path: JsonPath): string => path.map((step) => JSON.stringify(step)).join(' ')

/** Bytes of one piece: nothing real comes near. */
const LONGEST_PIECE = 64 * 1024 * 1024

/** Pieces in the order of the file. Throws `BrokenJson`. */
export async function* readJsonStream(
  source: AsyncIterable<Buffer>,
  decide: Decide,
): AsyncGenerator<JsonPiece, void, void> {
  const scanner = new StreamScanner(decide)
  for await (const chunk of source) yield* scanner.feed(chunk)
  scanner.end()
}

interface Frame {
  readonly isList: boolean
  /** What comes next; `more` is a comma or the end. */
  next: 'first' | 'key' | 'colon' | 'value' | 'more'
  /** Of the member that is read. */
  step: string | number
}

/** A key or value whose bytes are gathered, or counted where nobody wants them. */
interface Capture {
  readonly what: 'key' | 'take' | 'pass'
  readonly parts: Buffer[]
  size: number
  depth: number
  isInString: boolean
  isEscaped: boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const isOpening = (byte: number): boolean => byte === OPEN_LIST || byte === OPEN_OBJECT
const isClosing = (byte: number): boolean => byte === CLOSE_LIST || byte === CLOSE_OBJECT

class StreamScanner {
  readonly #decide: Decide
  readonly #frames: Frame[] = []
  #capture: Capture | undefined
  #isDone = false
  /** Bytes of the chunks before. */
  #before = 0
  #at = 0

  constructor(decide: Decide) {
    this.#decide = decide
  }

  *feed(chunk: Buffer): Generator<JsonPiece, void, void> {
    this.#at = 0
    while (this.#at < chunk.length) {
      const piece = this.#capture
        ? this.#goOn(chunk, this.#capture)
        : this.#structure(chunk[this.#at] ?? 0)
      if (piece) yield piece
    }
    this.#before += chunk.length
    this.#at = 0
  }

  end(): void {
    if (!this.#isDone) throw this.#broken('the file ends in the middle')
  }

  get #path(): (string | number)[] {
    return this.#frames.map(({ step }) => step)
  }

  #broken(what: string): BrokenJson {
    return new BrokenJson(what, this.#before + this.#at, this.#path)
  }

  /** One byte outside of keys and values. */
  #structure(byte: number): JsonPiece | undefined {
    if (isSpace(byte)) return void this.#at++
    if (this.#isDone) throw this.#broken('there is more behind the end')
    const frame = this.#frames.at(-1)
    if (frame === undefined) {
      if (!isOpening(byte)) throw this.#broken('there is no JSON object')
      return this.#begin(byte)
    }
    const isEnd = byte === (frame.isList ? CLOSE_LIST : CLOSE_OBJECT)
    if (isEnd && (frame.next === 'first' || frame.next === 'more')) return this.#leave()
    if (frame.next === 'more' && byte === COMMA) {
      frame.next = frame.isList ? 'value' : 'key'
      if (typeof frame.step === 'number') frame.step++
      return void this.#at++
    }
    if (frame.next === 'colon' && byte === COLON) {
      frame.next = 'value'
      return void this.#at++
    }
    const isKey = frame.next === 'key' || (frame.next === 'first' && !frame.isList)
    if (isKey && byte === QUOTE) return this.#startCapture('key')
    if (!isKey && (frame.next === 'value' || frame.next === 'first')) return this.#begin(byte)
    throw this.#broken('this is no JSON')
  }

  #begin(byte: number): JsonPiece | undefined {
    if (byte === COMMA || byte === COLON || isClosing(byte)) throw this.#broken('this is no JSON')
    const path = this.#path
    const decision = this.#frames.length === 0 ? 'enter' : this.#decide(path)
    if (decision !== 'enter' || !isOpening(byte)) {
      return this.#startCapture(decision === 'take' ? 'take' : 'pass')
    }
    const isList = byte === OPEN_LIST
    this.#frames.push({ isList, next: 'first', step: isList ? 0 : '' })
    this.#at++
    return path.length > 0 ? { path, value: undefined } : undefined
  }

  #leave(): undefined {
    this.#frames.pop()
    this.#at++
    const outer = this.#frames.at(-1)
    if (outer) outer.next = 'more'
    else this.#isDone = true
  }

  #startCapture(what: Capture['what']): undefined {
    this.#capture = { what, parts: [], size: 0, depth: 0, isInString: false, isEscaped: false }
  }

  /** Goes on with a key or value to its end or that of the chunk. */
  #goOn(chunk: Buffer, capture: Capture): JsonPiece | undefined {
    const start = this.#at
    const isWhole = this.#findEnd(chunk, capture)
    capture.size += this.#at - start
    if (capture.what !== 'pass') {
      if (capture.size > LONGEST_PIECE) throw this.#broken('a value is too long')
      capture.parts.push(isWhole ? chunk.subarray(start, this.#at) : copyOf(chunk, start))
    }
    return isWhole ? this.#finish(capture) : undefined
  }

  #findEnd(chunk: Buffer, capture: Capture): boolean {
    while (this.#at < chunk.length) {
      if (capture.isInString) {
        this.#skipString(chunk, capture)
        if (!capture.isInString && capture.depth === 0) return true
        continue
      }
      const byte = chunk[this.#at] ?? 0
      if (capture.depth === 0 && (byte === COMMA || isClosing(byte) || isSpace(byte))) return true
      this.#at++
      if (byte === QUOTE) capture.isInString = true
      else if (isOpening(byte)) capture.depth++
      else if (isClosing(byte) && --capture.depth === 0) return true
    }
    return false
  }

  #skipString(chunk: Buffer, capture: Capture): void {
    if (capture.isEscaped) {
      capture.isEscaped = false
      this.#at++
      return
    }
    const quote = chunk.indexOf(QUOTE, this.#at)
    const end = quote === -1 ? chunk.length : quote
    const escape = chunk.subarray(this.#at, end).indexOf(BACKSLASH)
    if (escape !== -1) {
      capture.isEscaped = true
      this.#at += escape + 1
    } else {
      capture.isInString = quote === -1
      this.#at = quote === -1 ? end : end + 1
    }
  }

  #finish({ what, parts }: Capture): JsonPiece | undefined {
    this.#capture = undefined
    const frame = this.#frames.at(-1)!
    if (what === 'key') {
      const key = this.#parse(parts)
      if (typeof key !== 'string') throw this.#broken('a key is no text')
      frame.step = key
      frame.next = 'colon'
      return undefined
    }
    const path = this.#path
    const value = what === 'take' ? this.#parse(parts) : undefined
    frame.next = 'more'
    return what === 'take' ? { path, value } : undefined
  }

  #parse(parts: readonly Buffer[]): unknown {
    const text = (parts.length === 1 ? parts[0]! : Buffer.concat(parts)).toString('utf8')
    try {
      return JSON.parse(text)
    } catch {
      throw this.#broken('this is no JSON')
    }
  }
}

/** The chunk's memory may be used again once the next one is read. */
const copyOf = (chunk: Buffer, start: number): Buffer => Buffer.from(chunk.subarray(start))
