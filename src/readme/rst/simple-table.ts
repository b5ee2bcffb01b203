/** Simple tables: columns between `===` borders. */
import { splitColumns } from './characters.ts'
import { sliceBlock, type Block } from './lines.ts'
import { currentLine, isBlankAt, lineNumber, type Cursor } from './parser.ts'
import { RstProblem, type Budget } from './problem.ts'
import { buildTable, cutColumns, refuseTooManyCells, type Cell, type TableRows } from './table.ts'

const top = /^=+(?: +=+)+ *$/
const border = /^=[ =]*$/
const span = /^-[ -]*$/

type Span = readonly [start: number, end: number]

export function readSimpleTable(cursor: Cursor): boolean {
  if (!top.test(currentLine(cursor))) return false
  const line = lineNumber(cursor)
  const { head, end } = findBorders(cursor)
  const block = sliceBlock(cursor.block, cursor.at, end + 1)
  const rows = new Rows(block, cursor.parser.registry.budget).read(head)
  cursor.at = end + 1
  if (!isBlankAt(cursor.block, cursor.at)) {
    throw new RstProblem('A blank line is missing below the table.', lineNumber(cursor))
  }
  cursor.parent.children.push({ ...buildTable(cursor.parser, rows), line })
  return true
}

/** The border below the head, if there is a head, and the one below the table. */
function findBorders(cursor: Cursor): { head: number | undefined; end: number } {
  const { block, at } = cursor
  const width = currentLine(cursor).trim().length
  let head: number | undefined
  for (let i = at + 1; i < block.lines.length; i++) {
    const line = block.lines[i] ?? ''
    if (!border.test(line)) continue
    if (line.trim().length !== width) {
      throw new RstProblem('The borders of the table differ.', block.first + i)
    }
    if (head !== undefined || isBlankAt(block, i + 1)) {
      return { head: head === undefined ? undefined : head - at, end: i }
    }
    head = i
  }
  throw new RstProblem('The table has no end.', lineNumber(cursor))
}

class Rows {
  readonly #lines: readonly (readonly string[])[]
  readonly #texts: readonly string[]
  readonly #first: number
  readonly #budget: Budget
  readonly #columns: Span[]
  readonly #borderEnd: number
  readonly #rows: { readonly start: number; readonly cells: Cell[] }[] = []
  #cells = 0

  constructor({ lines, first }: Block, budget: Budget) {
    this.#budget = budget
    this.#texts = lines
    this.#lines = lines.map(splitColumns)
    this.#first = first
    this.#columns = spansOf(this.#lines[0] ?? [], '=')
    this.#borderEnd = this.#columns.at(-1)?.[1] ?? 0
  }

  #fail(reason: string, row: number): never {
    throw new RstProblem(`Malformed table: ${reason}`, this.#first + row)
  }

  read(head: number | undefined): TableRows {
    const [firstStart, firstEnd] = this.#columns[0] ?? [0, 0]
    let start = 1
    let isTextFound = false
    for (let at = 1; at < this.#lines.length; at++) {
      const line = this.#lines[at] ?? []
      const isBorder = at === head || at === this.#lines.length - 1
      if (isBorder || span.test(this.#texts[at] ?? '')) {
        this.#addRow(start, at, at)
        start = at + 1
        isTextFound = false
      } else if (line.slice(firstStart, firstEnd).join('').trim() !== '') {
        // Something in the first column begins a row.
        if (isTextFound && at !== start) this.#addRow(start, at)
        start = at
        isTextFound = true
      } else if (!isTextFound) start = at + 1
    }
    const isHead = ({ start: at }: { start: number }): boolean => head !== undefined && at <= head
    return {
      head: this.#rows.filter(isHead).map(({ cells }) => cells),
      body: this.#rows.filter((row) => !isHead(row)).map(({ cells }) => cells),
    }
  }

  /** The lines from `start` to `end` as a row, cut as the border in line `under` says. */
  #addRow(start: number, end: number, under?: number): void {
    if (end === start && under === undefined) return
    const columns = under === undefined ? [...this.#columns] : this.#spansBelow(under)
    this.#budget.spend((end - start) * columns.length)
    this.#checkMargins(start, end, columns)
    const widths = this.#widths(columns, start)
    this.#cells += columns.length
    refuseTooManyCells(this.#cells, this.#first)
    const cells = columns.map((column, i): Cell => {
      const lines = cutColumns(this.#lines.slice(start, end), column)
      const content = { lines, first: this.#first + start }
      return { content, rows: 1, columns: widths[i] ?? 1 }
    })
    this.#rows.push({ start, cells })
  }

  #spansBelow(row: number): Span[] {
    const line = this.#lines[row] ?? []
    const spans = spansOf(line, this.#texts[row]?.[0] === '=' ? '=' : '-')
    const last = spans.at(-1)
    if (!last || last[1] !== this.#borderEnd) this.#fail('a span is incomplete.', row)
    spans[spans.length - 1] = [last[0], this.#columns.at(-1)?.[1] ?? last[1]]
    return spans
  }

  /** How many columns of the table each span covers. */
  #widths(spans: readonly Span[], row: number): number[] {
    let column = 0
    return spans.map(([start, end]) => {
      if (start !== this.#columns[column]?.[0]) this.#fail('a span is not aligned.', row)
      let count = 1
      while (end !== this.#columns[column]?.[1]) {
        column++
        count++
        if (column >= this.#columns.length) this.#fail('a span is not aligned.', row)
      }
      column++
      return count
    })
  }

  /** Between columns is nothing; text in the last column may be longer than it. */
  #checkMargins(start: number, end: number, spans: Span[]): void {
    const last = spans.length - 1
    for (const line of this.#lines.slice(start, end)) {
      for (const [i, [spanStart, spanEnd]] of spans.entries()) {
        const behind = line.slice(spanEnd, spans[i + 1]?.[0])
        if (behind.every((character) => character.trim() === '')) continue
        if (i < last) this.#fail('there is text between columns.', start)
        this.#widenLast(spans, [spanStart, line.length])
      }
    }
  }

  #widenLast(spans: Span[], [start, end]: Span): void {
    const [tableStart, tableEnd] = this.#columns.at(-1) ?? [0, 0]
    spans[spans.length - 1] = [start, Math.max(tableEnd, end)]
    if (end > tableEnd) this.#columns[this.#columns.length - 1] = [tableStart, end]
  }
}

function spansOf(line: readonly string[], mark: string): Span[] {
  const spans: Span[] = []
  let start = -1
  for (let at = 0; at <= line.length; at++) {
    if (line[at] === mark && start < 0) start = at
    else if (line[at] !== mark && start >= 0) {
      spans.push([start, at])
      start = -1
    }
  }
  return spans
}
