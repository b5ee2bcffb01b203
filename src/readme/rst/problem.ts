/** What ends the reading of a text: mistakes that PyPI refuses too, and texts that would cost too much. */

/** Thrown at the first mistake from which docutils warns, since PyPI then shows the text as it is. */
export class RstProblem extends Error {
  constructor(message: string, line?: number) {
    super(line === undefined ? message : `Line ${line}: ${message}`)
    this.name = 'RstProblem'
  }
}

/** Steps that one text may cost where they are not bounded by its length. */
const steps = 5_000_000

/** What elements cost: a text of a megabyte that is nothing but the shortest elements is too complicated. */
export const blockCost = 60
export const inlineCost = 50

/** Deeper nesting stops docutils as well, at about a hundred levels. */
const deepest = 50

/** Counts what a text costs: nothing that it says may cost more than this. */
export class Budget {
  #left = steps
  #depth = 0

  spend(amount: number): void {
    this.#left -= amount
    if (this.#left < 0) throw new RstProblem('The text is too complicated to be shown.')
  }

  /** Runs `read` one level deeper. */
  nest<Result>(line: number, read: () => Result): Result {
    if (this.#depth >= deepest) throw new RstProblem('This is nested too deeply.', line)
    this.#depth++
    try {
      return read()
    } finally {
      this.#depth--
    }
  }
}
