/** The server does not start, for a reason that its operator can remove. */

export class StartRefused extends Error {
  /** What the operator could do: whole sentences or command lines, best first. */
  readonly tries: readonly string[]

  constructor(message: string, tries: readonly string[] = [], options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'StartRefused'
    this.tries = tries
  }
}
