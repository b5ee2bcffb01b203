/** Field lists: `:name: body`. */
import { takeIndented } from './lines.ts'
import { makeElement, type Element } from './nodes.ts'
import { currentLine, lineNumber, requireBlankFinish, skipBlank, type Cursor } from './parser.ts'

const marker = /^:(?![: ])(?:[^:\\]|\\.|:(?!(?:[ `]|$)))*(?<! ):(?: +|$)/

/** The field's marker at the beginning of a line; undefined where there is none. */
export function fieldMarker(line: string): { name: string; width: number } | undefined {
  if (line[0] !== ':') return undefined
  const found = marker.exec(line)?.[0]
  if (found === undefined) return undefined
  return { name: found.slice(1, found.lastIndexOf(':')), width: found.length }
}

export function readFieldList(cursor: Cursor): boolean {
  let found = fieldMarker(currentLine(cursor))
  if (!found) return false
  const list = makeElement('field-list')
  cursor.parent.children.push(list)
  let last = { blankFinish: true }
  for (; found; found = nextField(cursor)) last = readField(cursor, list, found)
  requireBlankFinish(last, cursor, 'Field list')
  return true
}

function nextField(cursor: Cursor): ReturnType<typeof fieldMarker> {
  skipBlank(cursor)
  return fieldMarker(currentLine(cursor))
}

function readField(
  cursor: Cursor,
  list: Element,
  { name, width }: { name: string; width: number },
): { blankFinish: boolean } {
  const { parser, block, at } = cursor
  const content = takeIndented(block, at, { first: width })
  const nameNodes = parser.parseInline(name, lineNumber(cursor))
  const source = content.lines.join('\n')
  const body = makeElement('field-body', [], { source, line: content.first })
  list.children.push(makeElement('field', [makeElement('field-name', nameNodes), body]))
  if (content.lines.length > 0) parser.parseBody(content, body)
  cursor.at = content.end
  return content
}
