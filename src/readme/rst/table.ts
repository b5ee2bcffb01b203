/** What tables of every kind are made of. */
import type { Block } from './lines.ts'
import { makeElement, type Element } from './nodes.ts'
import type { Parser } from './parser.ts'
import { RstProblem } from './problem.ts'

export interface Cell {
  readonly content: Block
  /** How many rows and columns it covers. */
  readonly rows: number
  readonly columns: number
}

export interface TableRows {
  readonly head: readonly (readonly Cell[])[]
  readonly body: readonly (readonly Cell[])[]
}

/** More cells than anybody reads. */
const mostCells = 50_000

export function refuseTooManyCells(count: number, line: number): void {
  if (count > mostCells) throw new RstProblem('This table is too large.', line)
}

export function buildTable(parser: Parser, { head, body }: TableRows, stubs = 0): Element {
  const parts = [makeElement('table-body', buildRows(parser, body, { isHead: false, stubs }))]
  if (head.length > 0) {
    parts.unshift(makeElement('table-head', buildRows(parser, head, { isHead: true, stubs })))
  }
  return makeElement('table', parts)
}

function buildRows(
  parser: Parser,
  rows: TableRows['head'],
  rule: { readonly isHead: boolean; readonly stubs: number },
): Element[] {
  return rows.map((cells) => {
    const entries = cells.map((cell) => {
      const entry = makeElement('entry', [], { rows: cell.rows, columns: cell.columns })
      if (cell.content.lines.some((line) => line !== '')) parser.parseBody(cell.content, entry)
      return entry
    })
    markHeadings(entries, rule)
    return makeElement('row', entries)
  })
}

/** Cells of the head, and of the first columns where these are headings. */
export function markHeadings(
  entries: readonly Element[],
  { isHead, stubs }: { readonly isHead: boolean; readonly stubs: number },
): void {
  let column = 0
  for (const entry of entries) {
    if (isHead || column < stubs) entry.classes = ['head']
    column += entry.columns ?? 1
  }
}

/** The lines between two columns, without what they are all indented by. */
export function cutColumns(
  lines: readonly (readonly string[])[],
  [left, right]: readonly [number, number],
): string[] {
  const cut = lines.map((columns) => columns.slice(left, right).join('').trimEnd())
  const indents = cut
    .filter((line) => line !== '')
    .map((line) => line.length - line.trimStart().length)
  const indent = indents.reduce((least, own) => Math.min(least, own), Infinity)
  return indent > 0 && indent < Infinity ? cut.map((line) => line.slice(indent)) : cut
}
