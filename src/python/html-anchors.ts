/** The anchors of an HTML document, read in pieces. */
import { Parser } from 'htmlparser2'
import { UnreadablePage } from './simple-page.ts'

export type Attributes = Readonly<Record<string, string>>

export interface AnchorListener {
  readonly onAnchor?: (attributes: Attributes) => void
  /** After the anchor's end, with its text. */
  readonly onAnchorText?: (attributes: Attributes, text: string) => void
  readonly onMeta?: (attributes: Attributes) => void
  readonly onBase?: (attributes: Attributes) => void
  /** What only pages for people have: forms, their fields, and scripts. */
  readonly onControl?: (name: string, attributes: Attributes) => void
}

/** No name of a file or project is longer; a document that never closes its anchor shall cost nothing. */
const LONGEST_TEXT = 2048

/** The parser's work grows with the square of it. */
const DEEPEST = 5000
const MOST_ATTRIBUTES = 1000
/** Elements, texts and attributes of a page of files; a table row of a web server's listing has some twenty. */
const MOST_PARTS = 5_000_000
/** In characters: of a tag, an attribute or a comment. */
const LONGEST_PART = 1024 * 1024

export interface AnchorParser {
  write(piece: string): void
  end(): void
}

/**
 * A parser to write the document to, in pieces. Writing throws `UnreadablePage` for what no page is like, and what costs
 * much time or memory. What stands inside `<template>` is not shown, so not there.
 */
export function anchorParser(listener: AnchorListener, mostParts = MOST_PARTS): AnchorParser {
  const anchors = new Anchors(listener)
  const bounds = new Bounds(mostParts)
  const parser = new Parser({
    onopentagname: () => bounds.open(),
    onattribute: () => bounds.addAttribute(),
    onopentag: (name, attributes) => anchors.open(name, attributes),
    ontext(piece) {
      bounds.addPart()
      anchors.addText(piece)
    },
    onclosetag(name) {
      bounds.close()
      anchors.close(name)
    },
    oncomment: () => bounds.addPart(),
    onprocessinginstruction: () => bounds.addPart(),
  })
  return {
    write(piece) {
      parser.write(piece)
      bounds.passPiece(piece.length)
    },
    end: () => parser.end(),
  }
}

/** Counts what a hostile document has too much of. */
class Bounds {
  readonly #mostParts: number
  #depth = 0
  #attributes = 0
  #parts = 0
  #partsBefore = 0
  #quiet = 0

  constructor(mostParts: number) {
    this.#mostParts = mostParts
  }

  open(): void {
    this.addPart()
    this.#attributes = 0
    this.#depth += 1
    if (this.#depth > DEEPEST) throw new UnreadablePage('its elements are nested too deeply')
  }

  close(): void {
    this.#depth -= 1
  }

  addAttribute(): void {
    this.addPart()
    this.#attributes += 1
    if (this.#attributes > MOST_ATTRIBUTES) {
      throw new UnreadablePage(`an element of it has more than ${MOST_ATTRIBUTES} attributes`)
    }
  }

  addPart(): void {
    this.#parts += 1
    if (this.#parts > this.#mostParts) {
      const most = this.#mostParts
      throw new UnreadablePage(`it has more than ${most} elements, texts and attributes`)
    }
  }

  /** Whatever does not come to its end is kept until it does. */
  passPiece(length: number): void {
    this.#quiet = this.#parts === this.#partsBefore ? this.#quiet + length : 0
    this.#partsBefore = this.#parts
    if (this.#quiet > LONGEST_PART) {
      throw new UnreadablePage('a tag, an attribute or a comment of it is longer than 1 MiB')
    }
  }
}

const CONTROLS = new Set(['form', 'input', 'script'])

/** Tells the listener of the anchors among all elements. */
class Anchors {
  readonly #listener: AnchorListener
  #templates = 0
  #anchor: Attributes | undefined
  #text = ''

  constructor(listener: AnchorListener) {
    this.#listener = listener
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'template') this.#templates += 1
    if (this.#templates > 0) return
    if (name === 'meta') this.#listener.onMeta?.(attributes)
    else if (name === 'base') this.#listener.onBase?.(attributes)
    else if (CONTROLS.has(name)) this.#listener.onControl?.(name, attributes)
    else if (name === 'a') {
      this.#endAnchor()
      this.#anchor = attributes
      this.#text = ''
      this.#listener.onAnchor?.(attributes)
    }
  }

  addText(piece: string): void {
    if (this.#anchor && this.#text.length < LONGEST_TEXT) this.#text += piece
  }

  close(name: string): void {
    if (name === 'template') this.#templates = Math.max(this.#templates - 1, 0)
    else if (name === 'a') this.#endAnchor()
  }

  #endAnchor(): void {
    const attributes = this.#anchor
    this.#anchor = undefined
    if (attributes) this.#listener.onAnchorText?.(attributes, this.#text.trim())
  }
}

const PIECE = 64 * 1024

/** For pauses between them. */
export function* piecesOf(text: string): Iterable<string> {
  for (let start = 0; start < text.length; start += PIECE) yield text.slice(start, start + PIECE)
}
