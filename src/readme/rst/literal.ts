/** Literal blocks, indented or quoted, and doctest blocks. */
import { takeIndented } from './lines.ts'
import { makeElement, makeText } from './nodes.ts'
import {
  currentLine,
  isBlankAt,
  lineNumber,
  requireBlankFinish,
  skipBlank,
  type Cursor,
} from './parser.ts'
import { RstProblem } from './problem.ts'

const quote = /^[!-/:-@[-`{-~]/

/** What follows `::`. The cursor stands behind the paragraph. */
export function readLiteralBlock(cursor: Cursor): void {
  const content = takeIndented(cursor.block, cursor.at, {})
  if (content.lines.length === 0) return readQuotedBlock(cursor)
  addLiteral(cursor, content.lines)
  cursor.at = content.end
  requireBlankFinish(content, cursor, 'Literal block')
}

function addLiteral(cursor: Cursor, lines: readonly string[]): void {
  cursor.parent.children.push(makeElement('literal-block', [makeText(lines.join('\n'))]))
}

/** Not indented, but every line begins with the same character, as quoted mail does. */
function readQuotedBlock(cursor: Cursor): void {
  skipBlank(cursor)
  const mark = quote.exec(currentLine(cursor))?.[0]
  if (mark === undefined) {
    throw new RstProblem('Here should be a literal block.', lineNumber(cursor))
  }
  const from = cursor.at
  while (!isBlankAt(cursor.block, cursor.at)) {
    if (!currentLine(cursor).startsWith(mark)) {
      throw new RstProblem('This line is not quoted as those before.', lineNumber(cursor))
    }
    cursor.at++
  }
  addLiteral(cursor, cursor.block.lines.slice(from, cursor.at))
}

export function readDoctest(cursor: Cursor): boolean {
  if (!/^>>>(?: |$)/.test(currentLine(cursor))) return false
  const from = cursor.at
  while (!isBlankAt(cursor.block, cursor.at)) cursor.at++
  const text = cursor.block.lines.slice(from, cursor.at).join('\n')
  cursor.parent.children.push(makeElement('doctest', [makeText(text)]))
  return true
}
