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
}

/** No name of a file or project is longer; a document that never closes its anchor shall cost nothing. */
const LONGEST_TEXT = 2048

/** The parser's work grows with the square of it. */
const DEEPEST = 5000

/**
 * A parser to write the document to, in pieces. Writing throws `UnreadablePage` where elements are nested too deeply. What
 * stands inside `<template>` is not shown, so not there.
 */
export function anchorParser(listener: AnchorListener): Parser {
  let templates = 0
  let depth = 0
  let open: Attributes | undefined
  let text = ''

  const listeners: Readonly<Record<string, (attributes: Attributes) => void>> = {
    a(attributes) {
      endAnchor()
      open = attributes
      text = ''
      listener.onAnchor?.(attributes)
    },
    meta: (attributes) => listener.onMeta?.(attributes),
    base: (attributes) => listener.onBase?.(attributes),
  }

  function endAnchor(): void {
    const attributes = open
    open = undefined
    if (attributes) listener.onAnchorText?.(attributes, text.trim())
  }

  return new Parser({
    onopentag(name, attributes) {
      depth += 1
      if (depth > DEEPEST) throw new UnreadablePage('its elements are nested too deeply')
      if (name === 'template') templates += 1
      else if (templates === 0 && Object.hasOwn(listeners, name)) listeners[name]!(attributes)
    },
    ontext(piece) {
      if (open && text.length < LONGEST_TEXT) text += piece
    },
    onclosetag(name) {
      depth -= 1
      if (name === 'template') templates = Math.max(templates - 1, 0)
      else if (name === 'a') endAnchor()
    },
  })
}
