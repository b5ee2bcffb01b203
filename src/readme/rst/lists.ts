/** Bullet lists and enumerated lists. */
import { readEnumerator, isListItem, type Enumerator } from './enumerator.ts'
import { takeIndented } from './lines.ts'
import { makeElement, type Element } from './nodes.ts'
import { currentLine, lineNumber, requireBlankFinish, skipBlank, type Cursor } from './parser.ts'

const bullet = /^[-+*\u2022\u2023\u2043](?: +|$)/

export function readBulletList(cursor: Cursor): boolean {
  const mark = bullet.exec(currentLine(cursor))
  if (!mark) return false
  const list = makeElement('bullet-list')
  cursor.parent.children.push(list)
  let last = readItem(cursor, list, mark[0].length)
  for (let next = nextMark(cursor); next?.[0][0] === mark[0][0]; next = nextMark(cursor)) {
    last = readItem(cursor, list, next?.[0].length ?? 0)
  }
  requireBlankFinish(last, cursor, 'Bullet list')
  return true
}

function nextMark(cursor: Cursor): RegExpExecArray | null {
  skipBlank(cursor)
  return bullet.exec(currentLine(cursor))
}

function readItem(cursor: Cursor, list: Element, indent: number): { blankFinish: boolean } {
  const isBare = currentLine(cursor).length <= indent
  const content = takeIndented(
    cursor.block,
    cursor.at,
    isBare ? { first: indent } : { all: indent },
  )
  const item = makeElement('list-item', [], { line: lineNumber(cursor) })
  list.children.push(item)
  if (content.lines.length > 0) cursor.parser.parseBody(content, item)
  cursor.at = content.end
  return content
}

export function readEnumeratedList(cursor: Cursor): boolean {
  const begin = readEnumerator(currentLine(cursor))
  if (!begin || !isListItem(begin, cursor.block.lines[cursor.at + 1])) return false
  const classes = [begin.sequence === '#' ? 'arabic' : begin.sequence]
  const list = makeElement('enumerated-list', [], { classes })
  if (begin.ordinal !== 1) list.options = { start: String(begin.ordinal) }
  cursor.parent.children.push(list)
  let last = readItem(cursor, list, begin.width)
  const order: Order = {
    format: begin.format,
    sequence: classes[0] ?? '',
    isAuto: begin.sequence === '#',
    ordinal: begin.ordinal ?? 1,
  }
  for (let next = nextInOrder(cursor, order); next; next = nextInOrder(cursor, order)) {
    last = readItem(cursor, list, next.width)
  }
  requireBlankFinish(last, cursor, 'Enumerated list')
  return true
}

interface Order {
  readonly format: string
  readonly sequence: string
  isAuto: boolean
  ordinal: number
}

function nextInOrder(cursor: Cursor, order: Order): Enumerator | undefined {
  skipBlank(cursor)
  const next = readEnumerator(currentLine(cursor), order.sequence)
  if (!next || next.format !== order.format) return undefined
  const isAuto = next.sequence === '#'
  if (!isAuto && (order.isAuto || next.sequence !== order.sequence)) return undefined
  if (!isAuto && next.ordinal !== order.ordinal + 1) return undefined
  if (!isListItem(next, cursor.block.lines[cursor.at + 1])) return undefined
  if (isAuto) order.isAuto = true
  order.ordinal = next.ordinal ?? 1
  return next
}
