/** Typographic quotes, dashes and ellipses instead of those of a typewriter, as PyPI shows them. */
import { isElement, type Element, type Kind, type Node, type Text } from './nodes.ts'

/** The blocks of text as wholes: what a quote is depends on what stands before it. */
const blocks: ReadonlySet<Kind> = new Set([
  ...(['paragraph', 'title', 'subtitle', 'term', 'classifier', 'field-name', 'line'] as const),
  ...(['attribution', 'caption', 'rubric', 'label', 'reference', 'option-argument'] as const),
])

/** What stands here is meant as it is written. */
const verbatim: ReadonlySet<Kind> = new Set([
  ...(['literal-block', 'doctest', 'math-block', 'comment', 'literal', 'math', 'image'] as const),
])

export function educateQuotes(node: Element): void {
  if (verbatim.has(node.kind) || node.kind === 'option-group') return
  if (blocks.has(node.kind)) return educateBlock(node)
  for (const child of node.children) if (isElement(child)) educateQuotes(child)
}

interface Piece {
  readonly node: Text
  readonly isVerbatim: boolean
}

function educateBlock(block: Element): void {
  let before = ' '
  for (const { node, isVerbatim } of pieces(block, false)) {
    if (node.text === '') continue
    const last = node.text.at(-1) ?? ' '
    if (!isVerbatim) node.text = educate(node.text, before)
    before = last
  }
}

function* pieces(node: Element, isVerbatim: boolean): Generator<Piece> {
  for (const child of node.children as Node[]) {
    if (child.kind === 'text') yield { node: child, isVerbatim }
    else yield* pieces(child, isVerbatim || verbatim.has(child.kind))
  }
}

const punctuation = String.raw`[-!"  #$%'()*+,.\/:;<=>?@\[\\\]^_\x60{|}~]`
const word = String.raw`[\p{L}\p{N}_]`
const open = '[([{]'
const dash = '[-–—]'
const space = String.raw`[\s\u200b\u200c]`

/** In this order, each upon what the one before has left. */
const rules: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`"'(?=${word})`, 'gu'), '“‘'],
  [new RegExp(`'"(?=${word})`, 'gu'), '‘“'],
  [new RegExp(`(${open}|${dash})'(?=(?:${punctuation})? )`, 'gu'), '$1’'],
  [new RegExp(`(${open}|${dash})"(?=(?:${punctuation})? )`, 'gu'), '$1”'],
  [/'(?=\d{2}s)/g, '’'],
  [new RegExp(`(${space}|${open}|${dash})'(?=${word}|${punctuation})`, 'gu'), '$1‘'],
  [/(?<!\s)'/g, '’'],
  [/'/g, '‘'],
  [new RegExp(`(${space}|${open}|${dash})"(?=${word}|${punctuation})`, 'gu'), '$1“'],
  [/(?<!\s)"|"(?=\s)/g, '”'],
  [/"/g, '“'],
]

/** Control characters, which no text has any more, stand in for what is escaped and stays as it is. */
const escaped = ['\\', '"', "'", '.', '-', '`']
const marks = escaped.map((_, i) => String.fromCharCode(i + 1))
const anyMark = new RegExp(`[${marks.join('')}]`, 'g')

function educate(text: string, before: string): string {
  if (!/[-"'.]/.test(text)) return text
  let result = text.replaceAll(/\0([\\"'.\-`])/g, (_, character: string) => {
    return marks[escaped.indexOf(character)] ?? ''
  })
  result = result.replaceAll('---', '—').replaceAll('--', '–')
  result = result.replaceAll('...', '…').replaceAll('. . .', '…')
  if (/["']/.test(result)) {
    result = (/["']/.test(before) ? ';' : before) + result
    for (const [pattern, replacement] of rules) result = result.replaceAll(pattern, replacement)
    result = result.slice(1)
  }
  return result.replaceAll(anyMark, (character) => escaped[marks.indexOf(character)] ?? '')
}
