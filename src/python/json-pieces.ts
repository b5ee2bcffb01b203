/**
 * A JSON document taken apart where it is known to be large, each piece to be parsed alone: how deep, how long and how
 * many pieces are is bounded by whoever reads, not by whoever wrote. What nobody asks for is passed over.
 */
import type { Steps } from './steps.ts'
import { UnreadablePage } from './simple-page.ts'

export interface PieceReader {
  /** By the path of their keys, such as `result.projects`: lists whose elements come one by one. */
  readonly lists: readonly string[]
  /** Objects that are looked into. */
  readonly objects?: readonly string[]
  /** Where a list begins; of two of the same name, the second counts. */
  readonly onList?: (path: string) => void
  readonly onElement: (path: string, element: unknown) => void
  readonly onValue?: (path: string, value: unknown) => void
}

/** The pages that are read are four deep. */
const DEEPEST = 64
/** In characters, of one element or value; no real one comes near. */
const LONGEST_PIECE = 64 * 1024
/** Of an object that is looked into. */
const MOST_MEMBERS = 1000
/** Characters passed over between two pauses. */
const STRIDE = 64 * 1024

/** Throws `UnreadablePage` for what is no JSON object; stands for an element too long: undefined. */
export function* readPieces(text: string, reader: PieceReader): Steps<void> {
  const scanner = new Scanner(text, reader)
  scanner.skipSpace()
  if (scanner.peek() !== '{') throw new UnreadablePage(isJsonStart(scanner) ? NO_OBJECT : NO_JSON)
  yield* scanner.readObject('')
  scanner.skipSpace()
  if (!scanner.isAtEnd) throw new UnreadablePage(NO_JSON)
}

const SPACE = /[ \t\r\n]*/y
/** Where numbers, words and what separates them end, within something and alone. */
const WITHIN = /["[\]{}]|$/g
const ALONE = /[\s,:"[\]{}]|$/g

const NO_JSON = 'the page is not JSON'
const NO_OBJECT = 'the page is not a JSON object'

const isJsonStart = (scanner: Scanner): boolean => /["[\dtfn-]/.test(scanner.peek())

class Scanner {
  readonly #text: string
  readonly #reader: PieceReader
  #at = 0

  constructor(text: string, reader: PieceReader) {
    this.#text = text
    this.#reader = reader
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  peek(): string {
    return this.#text.charAt(this.#at)
  }

  skipSpace(): void {
    SPACE.lastIndex = this.#at
    SPACE.test(this.#text)
    this.#at = SPACE.lastIndex
  }

  *readObject(path: string): Steps<void> {
    this.#take('{')
    for (let members = 0; !this.#endsWith('}', members === 0); members += 1) {
      if (members === MOST_MEMBERS) throw new UnreadablePage('the page has too many keys')
      const key = this.#parse(yield* this.#skipValue())
      if (typeof key !== 'string') throw new UnreadablePage(NO_JSON)
      this.#take(':')
      yield* this.#readMember(path === '' ? key : `${path}.${key}`)
    }
  }

  *#readMember(path: string): Steps<void> {
    this.skipSpace()
    const { lists, objects, onList, onValue } = this.#reader
    if (this.peek() === '[' && lists.includes(path)) {
      onList?.(path)
      yield* this.#readList(path)
    } else if (this.peek() === '{' && objects?.includes(path)) yield* this.readObject(path)
    else {
      const value = yield* this.#skipValue()
      onValue?.(path, this.#parse(value))
    }
  }

  *#readList(path: string): Steps<void> {
    this.#take('[')
    for (let isFirst = true; !this.#endsWith(']', isFirst); isFirst = false) {
      this.#reader.onElement(path, this.#parse(yield* this.#skipValue()))
      yield
    }
  }

  /** What stands between here and the end of the value. */
  *#skipValue(): Steps<readonly [start: number, end: number]> {
    this.skipSpace()
    const text = this.#text
    const start = this.#at
    let depth = 0
    let pauseAt = start + STRIDE
    do {
      if (this.#at >= text.length) throw new UnreadablePage(NO_JSON)
      if (this.#at > pauseAt) {
        pauseAt = this.#at + STRIDE
        yield
      }
      switch (text.charCodeAt(this.#at)) {
        case 0x22: // "
          this.#skipString()
          break
        case 0x5b: // [
        case 0x7b: // {
          depth += 1
          if (depth > DEEPEST) throw new UnreadablePage('the page is nested too deeply')
          this.#at += 1
          break
        case 0x5d: // ]
        case 0x7d: // }
          depth -= 1
          if (depth < 0) throw new UnreadablePage(NO_JSON)
          this.#at += 1
          break
        default:
          this.#skipPlain(depth)
      }
    } while (depth > 0)
    return [start, this.#at]
  }

  #skipString(): void {
    let end = this.#at
    for (let escapes = 1; escapes % 2 === 1;) {
      end = this.#text.indexOf('"', end + 1)
      if (end === -1) throw new UnreadablePage(NO_JSON)
      escapes = 0
      while (this.#text.charCodeAt(end - escapes - 1) === 0x5c) escapes += 1
    }
    this.#at = end + 1
  }

  /** Numbers and words; within something else also what separates. */
  #skipPlain(depth: number): void {
    const stop = depth > 0 ? WITHIN : ALONE
    stop.lastIndex = this.#at
    const end = stop.exec(this.#text)!.index
    if (end === this.#at) throw new UnreadablePage(NO_JSON)
    this.#at = end
  }

  #parse([start, end]: readonly [number, number]): unknown {
    if (end - start > LONGEST_PIECE) return undefined
    try {
      return JSON.parse(this.#text.slice(start, end))
    } catch (cause) {
      throw new UnreadablePage(NO_JSON, { cause })
    }
  }

  /** Goes past the end, or past the comma before what comes next. */
  #endsWith(end: string, isFirst: boolean): boolean {
    this.skipSpace()
    if (this.peek() === end) {
      this.#at += 1
      return true
    }
    if (!isFirst) this.#take(',')
    return false
  }

  #take(character: string): void {
    this.skipSpace()
    if (this.peek() !== character) throw new UnreadablePage(NO_JSON)
    this.#at += 1
  }
}
