/** Grid tables: cells drawn with `+`, `-` and `|`. */
import { splitColumns } from './characters.ts'
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
  const block = sliceBlock(cursor.block, from, cursor.at)
  const { parser } = cursor
  const grid = new Grid(block, parser.registry.budget)
  cursor.parent.children.push({ ...buildTable(parser, grid.read()), line })
  return true
}

interface Box {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

/** Finds the boxes of a drawing: from each upper left corner around the smallest one that closes. */
class Grid {
  readonly #first: number
  readonly #rows: string[][]
  readonly #budget: Budget
  readonly #bottom: number
  readonly #right: number
  #head: number | undefined
  readonly #rowEdges = new Set([0])
  readonly #columnEdges = new Set([0])

  constructor({ lines, first }: Block, budget: Budget) {
    this.#first = first
    this.#budget = budget
    this.#rows = lines.map((line) => splitColumns(line.trim()))
    this.#bottom = lines.length - 1
    this.#right = (this.#rows[0]?.length ?? 0) - 1
    this.#checkFrame(lines)
    this.#takeHeadBorder(lines)
  }

  #fail(reason: string, row = 0): never {
    throw new RstProblem(`Malformed table: ${reason}`, this.#first + row)
  }

  #checkFrame(lines: readonly string[]): void {
    if (!border.test(lines.at(-1) ?? '')) this.#fail('it has no bottom.')
    for (const [i, row] of this.#rows.entries()) {
      const isFramed = '+|'.includes(row[0] ?? ' ') && '+|'.includes(row.at(-1) ?? ' ')
      if (row.length !== this.#right + 1 || !isFramed) this.#fail('an edge is not straight.', i)
    }
  }

  #takeHeadBorder(lines: readonly string[]): void {
    for (const [i, line] of lines.entries()) {
      if (!headBorder.test(line)) continue
      if (this.#head !== undefined) this.#fail('it has two heads.', i)
      if (i === 0 || i === this.#bottom) this.#fail('its head is empty.', i)
      this.#head = i
      this.#rows[i] = this.#rows[i]?.map((character) => (character === '=' ? '-' : character)) ?? []
    }
  }

  read(): TableRows {
    const boxes = this.#findBoxes()
    const rows = [...this.#rowEdges].toSorted((a, b) => a - b)
    const columns = [...this.#columnEdges].toSorted((a, b) => a - b)
    refuseTooManyCells((rows.length - 1) * (columns.length - 1), this.#first)
    const rowIndex = new Map(rows.map((edge, i) => [edge, i]))
    const columnIndex = new Map(columns.map((edge, i) => [edge, i]))
    const table = rows.slice(1).map(() => [] as { cell: Cell; column: number }[])
    for (const box of boxes) {
      const row = rowIndex.get(box.top) ?? 0
      const column = columnIndex.get(box.left) ?? 0
      const cell: Cell = {
        content: {
          lines: this.#cut(box),
          first: this.#first + box.top + 1,
        },
        rows: (rowIndex.get(box.bottom) ?? 0) - row,
        columns: (columnIndex.get(box.right) ?? 0) - column,
      }
      table[row]?.push({ cell, column })
    }
    const sorted = table.map((row) =>
      row.toSorted((a, b) => a.column - b.column).map(({ cell }) => cell),
    )
    const head = this.#head === undefined ? 0 : (rowIndex.get(this.#head) ?? 0)
    return { head: sorted.slice(0, head), body: sorted.slice(head) }
  }

  #cut({ top, left, bottom, right }: Box): string[] {
    return cutColumns(this.#rows.slice(top + 1, bottom), [left + 1, right])
  }

  #findBoxes(): Box[] {
    const boxes: Box[] = []
    /** How far down each column has been seen. */
    const done = Array.from({ length: this.#right + 1 }, () => -1)
    const corners: (readonly [top: number, left: number])[] = [[0, 0]]
    for (let corner = corners.shift(); corner; corner = corners.shift()) {
      const [top, left] = corner
      if (top === this.#bottom || left === this.#right || top <= (done[left] ?? 0)) continue
      const box = this.#closeRight(top, left)
      if (!box) continue
      if (done.slice(left, box.right).some((seen) => seen !== top - 1)) this.#fail('cells overlap.')
      done.fill(box.bottom - 1, left, box.right)
      boxes.push(box)
      this.#budget.spend(corners.length)
      insertCorner(corners, [top, box.right])
      insertCorner(corners, [box.bottom, left])
    }
    if (done.slice(0, -1).some((seen) => seen !== this.#bottom - 1)) this.#fail('a cell is open.')
    return boxes
  }

  #at(row: number, column: number): string | undefined {
    return this.#rows[row]?.[column]
  }

  #closeRight(top: number, left: number): Box | undefined {
    const crossings: number[] = []
    for (let column = left + 1; column <= this.#right; column++) {
      this.#budget.spend(1)
      const character = this.#at(top, column)
      if (character === '+') {
        crossings.push(column)
        const box = this.#closeDown(top, left, column)
        if (box) {
          for (const edge of crossings) this.#columnEdges.add(edge)
          return box
        }
      } else if (character !== '-') return undefined
    }
    return undefined
  }

  #closeDown(top: number, left: number, right: number): Box | undefined {
    const crossings: number[] = []
    for (let row = top + 1; row <= this.#bottom; row++) {
      this.#budget.spend(1)
      const character = this.#at(row, right)
      if (character === '+') {
        crossings.push(row)
        if (this.#closeLeft({ top, left, bottom: row, right })) {
          for (const edge of crossings) this.#rowEdges.add(edge)
          return { top, left, bottom: row, right }
        }
      } else if (character !== '|') return undefined
    }
    return undefined
  }

  /** Back along the bottom and up the left side. */
  #closeLeft({ top, left, bottom, right }: Box): boolean {
    const columns: number[] = []
    const rows: number[] = []
    this.#budget.spend(right - left + bottom - top)
    for (let column = right - 1; column > left; column--) {
      if (this.#at(bottom, column) === '+') columns.push(column)
      else if (this.#at(bottom, column) !== '-') return false
    }
    if (this.#at(bottom, left) !== '+') return false
    for (let row = bottom - 1; row > top; row--) {
      if (this.#at(row, left) === '+') rows.push(row)
      else if (this.#at(row, left) !== '|') return false
    }
    for (const column of columns) this.#columnEdges.add(column)
    for (const row of rows) this.#rowEdges.add(row)
    return true
  }
}

/** Corners are taken from top to bottom, and from left to right. */
function insertCorner(
  corners: (readonly [number, number])[],
  corner: readonly [number, number],
): void {
  let at = corners.length
  while (at > 0 && isBehind(corners[at - 1] ?? corner, corner)) at--
  corners.splice(at, 0, corner)
}

function isBehind(
  [top, left]: readonly [number, number],
  other: readonly [number, number],
): boolean {
  return top > other[0] || (top === other[0] && left > other[1])
}
