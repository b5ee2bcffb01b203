/** Paragraphs, which may announce a literal block, and definition lists, which begin like them. */
import { takeIndented } from './lines.ts'
import { readLiteralBlock } from './literal.ts'
import { makeElement, makeText, type Element, type Node } from './nodes.ts'
import {
  currentLine,
  isBlankAt,
  lineNumber,
  requireBlankFinish,
  skipBlank,
  type Cursor,
} from './parser.ts'
import { RstProblem } from './problem.ts'
import { isBodyStart } from './starts.ts'

const rule = /^([!-/:-@[-`{-~])\1* *$/

/** Whether the line is one character, repeated: what titles are underlined with. */
export function isRule(line: string): boolean {
  return rule.test(line)
}

export function readParagraph(cursor: Cursor): void {
  const { block, parser, parent } = cursor
  const line = lineNumber(cursor)
  const from = cursor.at
  while (!isBlankAt(block, cursor.at)) {
    if (cursor.at > from && block.lines[cursor.at]?.[0] === ' ') {
      throw new RstProblem('This line is indented unexpectedly.', lineNumber(cursor))
    }
    cursor.at++
  }
  const text = block.lines.slice(from, cursor.at).join('\n').trimEnd()
  const announced = splitAnnouncement(text)
  if (announced !== '') {
    parent.children.push(makeElement('paragraph', parser.parseInline(announced ?? text, line)))
  }
  if (announced !== undefined) readLiteralBlock(cursor)
}

/** The text in front of a literal block: `::` stands for one colon, or for nothing behind a space. */
function splitAnnouncement(text: string): string | undefined {
  if (!text.endsWith('::')) return undefined
  const body = text.slice(0, -2)
  let plain = body.length
  while (body[plain - 1] === '\\') plain--
  if ((body.length - plain) % 2 === 1) return undefined
  if (body === '' || body.endsWith(' ') || body.endsWith('\n')) return body.trimEnd()
  return `${body}:`
}

export function readDefinitionList(cursor: Cursor): void {
  const list = makeElement('definition-list')
  cursor.parent.children.push(list)
  let last = readItem(cursor, list)
  while (beginsItem(cursor)) last = readItem(cursor, list)
  requireBlankFinish(last, cursor, 'Definition list')
}

function beginsItem(cursor: Cursor): boolean {
  skipBlank(cursor)
  const line = currentLine(cursor)
  if (line === '' || line[0] === ' ' || isRule(line) || isBodyStart(cursor)) return false
  const next = cursor.block.lines[cursor.at + 1] ?? ''
  return next[0] === ' '
}

function readItem(cursor: Cursor, list: Element): { blankFinish: boolean } {
  const { parser, block } = cursor
  const term = splitTerm(parser.parseInline(currentLine(cursor), lineNumber(cursor)))
  const content = takeIndented(block, cursor.at + 1, {})
  const definition = makeElement('definition')
  list.children.push(makeElement('definition-item', [term, definition]))
  parser.parseBody(content, definition)
  cursor.at = content.end
  return content
}

/** `term : classifier : classifier`, where the colons are not inside other markup. */
function splitTerm(nodes: readonly Node[]): Element {
  const term = makeElement('term')
  let current = term
  for (const node of nodes) {
    const parts = node.kind === 'text' ? node.text.split(/(?<! ) +: +/) : []
    if (node.kind !== 'text' || parts.length === 1) {
      current.children.push(node)
      continue
    }
    current.children.push(makeText((parts[0] ?? '').trimEnd()))
    for (const part of parts.slice(1)) {
      current = makeElement('classifier', [makeText(part)])
      term.children.push(current)
    }
  }
  return term
}
