/** Finds the boxes in a drawing of `+`, `-` and `|`: from each upper left corner the smallest one that closes. */
import type { Budget } from './problem.ts'

export interface Box {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

type Corner = readonly [top: number, left: number]

export class BoxSearch {
  readonly rowEdges = new Set([0])
  readonly columnEdges = new Set([0])
  readonly #rows: readonly (readonly string[])[]
  readonly #budget: Budget
  readonly #bottom: number
  readonly #right: number

  constructor(rows: readonly (readonly string[])[], budget: Budget) {
    this.#rows = rows
    this.#budget = budget
    this.#bottom = rows.length - 1
    this.#right = (rows[0]?.length ?? 0) - 1
  }

  /** All boxes; undefined where they overlap, or leave something of the drawing out. */
  find(): Box[] | undefined {
    const boxes: Box[] = []
    /** How far down each column has been seen. */
    const done = Array.from({ length: this.#right }, () => -1)
    const corners: Corner[] = [[0, 0]]
    for (let corner = corners.shift(); corner; corner = corners.shift()) {
      const [top, left] = corner
      if (top === this.#bottom || left === this.#right || top <= (done[left] ?? 0)) continue
      const box = this.#closeRight(top, left)
      if (!box) continue
      if (done.slice(left, box.right).some((seen) => seen !== top - 1)) return undefined
      done.fill(box.bottom - 1, left, box.right)
      boxes.push(box)
      this.#budget.spend(corners.length)
      insertCorner(corners, [top, box.right])
      insertCorner(corners, [box.bottom, left])
    }
    return done.every((seen) => seen === this.#bottom - 1) ? boxes : undefined
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
          for (const edge of crossings) this.columnEdges.add(edge)
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
          for (const edge of crossings) this.rowEdges.add(edge)
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
    for (const column of columns) this.columnEdges.add(column)
    for (const row of rows) this.rowEdges.add(row)
    return true
  }
}

/** Corners are taken from top to bottom, and from left to right. */
function insertCorner(corners: Corner[], corner: Corner): void {
  let at = corners.length
  while (at > 0 && isBehind(corners[at - 1] ?? corner, corner)) at--
  corners.splice(at, 0, corner)
}

function isBehind([top, left]: Corner, other: Corner): boolean {
  return top > other[0] || (top === other[0] && left > other[1])
}
