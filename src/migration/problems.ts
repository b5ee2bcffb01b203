/** What is wrong with what is to be taken over: gathered as far as somebody will read it. */

export interface Problem {
  /** The file, index, user or line that it is about. */
  readonly what: string
  readonly reason: string
}

/** More are counted. */
const MOST = 100

export class Problems {
  readonly #list: Problem[] = []
  #count = 0

  add(what: string, reason: string): void {
    this.#count++
    if (this.#list.length < MOST) this.#list.push({ what, reason })
  }

  get count(): number {
    return this.#count
  }

  get list(): readonly Problem[] {
    return this.#list
  }
}

/** It cannot be taken over as it is. */
export class Unusable extends Error {
  readonly problems: readonly Problem[]
  /** Of all problems, also those that are not listed. */
  readonly count: number

  constructor(message: string, problems: Problems = new Problems()) {
    super(message)
    this.name = 'Unusable'
    this.problems = problems.list
    this.count = problems.count
  }
}
