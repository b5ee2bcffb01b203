/** Grid tables: cells drawn with `+`, `-` and `|`. */
import { splitColumns } from './characters.ts'
import { BoxSearch, type Box } from './grid-boxes.ts'
import { sliceBlock, type Block } from './lines.ts'
import { currentLine, isBlankAt, lineNumber, type Cursor } from './parser.ts'
import { RstProblem, type Budget } from './problem.ts'
import { buildTable, cutColumns, refuseTooManyCells, type Cell, type TableRows } from './table.ts'

const border = /^\+-[-+]+-\+ *$/
const headBorder = /^\+=[=+]+=\+ *$/

export function readGridTable(cursor: Cursor): boolean {
  if (!border.test(currentLine(cursor))) return false
  const from = cursor.at
  const line = lineNumber(cursor)
  while (!isBlankAt(cursor.block, cursor.at)) cursor.at++
  const { parser } = cursor
  const grid = new Grid(sliceBlock(cursor.block, from, cursor.at))
  const rows = grid.read(parser.registry.budget)
  cursor.parent.children.push({ ...buildTable(parser, rows), line })
  return true
}

class Grid {
  readonly #first: number
  readonly #rows: string[][]
  readonly #head: number | undefined

  constructor({ lines, first }: Block) {
    this.#first = first
    this.#rows = lines.map((line) => splitColumns(line.trim()))
    this.#checkFrame(lines.at(-1) ?? '')
    this.#head = this.#takeHeadBorder(lines)
  }

  #fail(reason: string, row = 0): never {
    throw new RstProblem(`Malformed table: ${reason}`, this.#first + row)
  }

  #checkFrame(last: string): void {
    if (!border.test(last)) this.#fail('it has no bottom.')
    const width = this.#rows[0]?.length
    for (const [i, row] of this.#rows.entries()) {
      const isFramed = isEdge(row[0]) && isEdge(row.at(-1))
      if (row.length !== width || !isFramed) this.#fail('an edge is not straight.', i)
    }
  }

  /** Makes the border below the head one like the others, and tells where it was. */
  #takeHeadBorder(lines: readonly string[]): number | undefined {
    let head: number | undefined
    for (const [i, line] of lines.entries()) {
      if (!headBorder.test(line)) continue
      if (head !== undefined) this.#fail('it has two heads.', i)
      head = i
      this.#rows[i] = this.#rows[i]?.map((character) => (character === '=' ? '-' : character)) ?? []
    }
    return head
  }

  read(budget: Budget): TableRows {
    const search = new BoxSearch(this.#rows, budget)
    const boxes = search.find() ?? this.#fail('its cells do not fit together.')
    const rowIndex = indexOf(search.rowEdges)
    const columnIndex = indexOf(search.columnEdges)
    refuseTooManyCells((rowIndex.size - 1) * (columnIndex.size - 1), this.#first)
    const rows = Array.from({ length: rowIndex.size - 1 }, () => [] as Placed[])
    for (const box of boxes) {
      const row = rowIndex.get(box.top) ?? 0
      const column = columnIndex.get(box.left) ?? 0
      const cell: Cell = {
        content: { lines: this.#cut(box), first: this.#first + box.top + 1 },
        rows: (rowIndex.get(box.bottom) ?? 0) - row,
        columns: (columnIndex.get(box.right) ?? 0) - column,
      }
      rows[row]?.push({ cell, column })
    }
    const cells = rows.map(inOrder)
    const head = this.#head === undefined ? 0 : (rowIndex.get(this.#head) ?? 0)
    return { head: cells.slice(0, head), body: cells.slice(head) }
  }

  #cut({ top, left, bottom, right }: Box): string[] {
    return cutColumns(this.#rows.slice(top + 1, bottom), [left + 1, right])
  }
}

interface Placed {
  readonly cell: Cell
  readonly column: number
}

function inOrder(row: readonly Placed[]): Cell[] {
  return row.toSorted((a, b) => a.column - b.column).map(({ cell }) => cell)
}

function isEdge(character: string | undefined): boolean {
  return character === '+' || character === '|'
}

/** The number of each edge, counted from the first. */
function indexOf(edges: ReadonlySet<number>): ReadonlyMap<number, number> {
  return new Map([...edges].toSorted((a, b) => a - b).map((edge, i) => [edge, i]))
}
