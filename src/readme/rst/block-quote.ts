/** Block quotes, and who is quoted. */
import { indentOf, sliceBlock, trimStart, type Block } from './lines.ts'
import { makeElement, type Element } from './nodes.ts'
import type { Parser } from './parser.ts'

const dash = /^(?:---?(?!-)|\u2014) *(?=[^ ])/

interface Attribution {
  /** The index of its first line, and the one behind its last. */
  readonly from: number
  readonly to: number
  readonly text: string
}

/** Each attribution ends a quote, so that one indented block may hold several. */
export function readBlockQuotes(parser: Parser, quoted: Block, classes: string[] = []): Element[] {
  const quotes: Element[] = []
  let from = 0
  while (from < quoted.lines.length) {
    const attribution = findAttribution(quoted, from)
    const quote = makeElement('block-quote', [], { classes: [...classes] })
    quotes.push(quote)
    const to = attribution?.from ?? quoted.lines.length
    parser.parseBody(sliceBlock(quoted, from, to), quote)
    if (!attribution) break
    const nodes = parser.parseInline(attribution.text, quoted.first + attribution.from)
    quote.children.push(makeElement('attribution', nodes))
    from = attribution.to
    while (from < quoted.lines.length && quoted.lines[from] === '') from++
  }
  return quotes
}

/** A paragraph that begins with a dash, behind a blank line, and ends the quote. */
function findAttribution({ lines }: Block, from: number): Attribution | undefined {
  let isBehindBlank = false
  let isSomethingSeen = false
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line === '') {
      isBehindBlank = true
      continue
    }
    const mark = isSomethingSeen && isBehindBlank ? dash.exec(line)?.[0] : undefined
    const found = mark === undefined ? undefined : readAttribution(lines, at, mark)
    if (found) return found
    isSomethingSeen = true
    isBehindBlank = false
  }
  return undefined
}

/** All lines behind the first are indented alike. */
function readAttribution(
  lines: readonly string[],
  from: number,
  mark: string,
): Attribution | undefined {
  let to = from + 1
  const indent = indentOf(lines[to] ?? '')
  for (; to < lines.length && lines[to] !== ''; to++) {
    if (indentOf(lines[to] ?? '') !== indent) return undefined
  }
  const rest = lines.slice(from + 1, to).map((line) => line.slice(indent))
  const text = [(lines[from] ?? '').slice(mark.length), ...rest].join('\n').trimEnd()
  return { from, to, text }
}

/** The content of a directive as quotes. */
export function quoteContent(parser: Parser, content: Block, name: string): Element[] {
  return readBlockQuotes(parser, trimStart(content), [name])
}
