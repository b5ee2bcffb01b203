/** A command that was called, or a program that was configured, in a way that makes no sense. */

/** All that is wrong at once, a sentence each, so that nobody has to try again for every one of them. */
export class UsedWrongly extends Error {
  readonly mistakes: readonly string[]
  readonly exitCode: number

  constructor(mistakes: readonly string[], exitCode = 2) {
    super(mistakes.join('\n'))
    this.name = 'UsedWrongly'
    this.mistakes = mistakes
    this.exitCode = exitCode
  }
}
