/** Finds `projects[].name` in a JSON document that comes in pieces, holding one project's name at most. */
import { isValidName } from './name.ts'
import { assertKnownApiVersion, UnreadablePage } from './simple-page.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** The pages are four deep. */
const DEEPEST = 64
/** Of a string, escapes counted as written; no name or key of interest comes near. */
const LONGEST = 2048

interface Container {
  readonly isObject: boolean
  /** Of the value that comes next or is open, in an object. */
  key: string
}

export class NamesScanner {
  /** What is open, outermost first. */
  readonly #open: Container[] = []
  #hasRoot = false
  #hasProjects = false
  #isKeyNext = false
  #isInString = false
  #isEscaped = false
  #text = ''
  #name: string | undefined
  #found: string[] = []

  /** The names that end in this piece. Throws `UnreadablePage`. */
  write(piece: string): string[] {
    let position = 0
    while (position < piece.length) {
      position = this.#isInString
        ? this.#readString(piece, position)
        : this.#readStructure(piece, position)
    }
    return this.#take()
  }

  /** Throws `UnreadablePage` if the document was not at its end: half a list is none. */
  end(): string[] {
    if (!this.#hasRoot || this.#open.length > 0 || this.#isInString) {
      throw new UnreadablePage('the list of names ends early')
    }
    if (!this.#hasProjects) throw new UnreadablePage('the page has no list of projects')
    return this.#take()
  }

  #take(): string[] {
    const found = this.#found
    this.#found = []
    return found
  }

  #readString(piece: string, start: number): number {
    for (let at = start; at < piece.length; at += 1) {
      const code = piece.charCodeAt(at)
      if (this.#isEscaped) this.#isEscaped = false
      else if (code === BACKSLASH) this.#isEscaped = true
      else if (code === QUOTE) {
        this.#keep(piece.slice(start, at))
        this.#isInString = false
        this.#endString()
        return at + 1
      }
    }
    this.#keep(piece.slice(start))
    return piece.length
  }

  #keep(text: string): void {
    if (this.#text.length <= LONGEST) this.#text += text.slice(0, LONGEST + 1)
  }

  #readStructure(piece: string, start: number): number {
    for (let at = start; at < piece.length; at += 1) {
      switch (piece.charCodeAt(at)) {
        case QUOTE:
          this.#isInString = true
          this.#text = ''
          return at + 1
        case OPEN_OBJECT:
          this.#begin(true)
          break
        case OPEN_ARRAY:
          this.#begin(false)
          break
        case CLOSE_OBJECT:
          this.#close(true)
          break
        case CLOSE_ARRAY:
          this.#close(false)
          break
        case COMMA:
          this.#isKeyNext = this.#open.at(-1)?.isObject ?? false
          break
        case COLON:
          this.#isKeyNext = false
          break
      }
    }
    return piece.length
  }

  #begin(isObject: boolean): void {
    if (this.#open.length === 0 && (this.#hasRoot || !isObject)) {
      throw new UnreadablePage('the page is not a JSON object')
    }
    if (this.#open.length >= DEEPEST) throw new UnreadablePage('the page is nested too deep')
    this.#hasRoot = true
    if (!isObject && this.#open.length === 1 && this.#key(0) === 'projects')
      this.#hasProjects = true
    this.#open.push({ isObject, key: '' })
    this.#isKeyNext = isObject
  }

  #close(isObject: boolean): void {
    if (this.#isAtProject() && this.#name !== undefined) {
      if (isValidName(this.#name)) this.#found.push(this.#name)
      this.#name = undefined
    }
    if (this.#open.pop()?.isObject !== isObject) throw new UnreadablePage('the page is not JSON')
    this.#isKeyNext = false
  }

  #endString(): void {
    const top = this.#open.at(-1)
    if (!top) throw new UnreadablePage('the page is not a JSON object')
    if (this.#isKeyNext) {
      top.key = this.#value()
      this.#isKeyNext = false
    } else if (top.key === 'name' && this.#isAtProject()) this.#name = this.#value()
    else if (top.key === 'api-version' && this.#isAtMeta()) assertKnownApiVersion(this.#value())
  }

  #isAtProject(): boolean {
    return this.#open.length === 3 && this.#key(0) === 'projects' && this.#open[2]!.isObject
  }

  #isAtMeta(): boolean {
    return this.#open.length === 2 && this.#key(0) === 'meta'
  }

  #key(depth: number): string | undefined {
    return this.#open[depth]?.key
  }

  /** A string too long to be of interest is none. */
  #value(): string {
    if (this.#text.length > LONGEST) return ''
    if (!this.#text.includes('\\')) return this.#text
    try {
      return JSON.parse(`"${this.#text}"`) as string
    } catch (cause) {
      throw new UnreadablePage('the page is not JSON', { cause })
    }
  }
}
