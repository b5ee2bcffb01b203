/** Answers that are ready at once go out one after another, at the end of the turn of the event loop. */

/**
 * The system wakes a client that waits when the first of them is sent, and finds it awake for the others: that costs less than
 * answers between which the next requests are read. Nothing waits for work that takes long: whoever begins it calls `flush`.
 */
export class SendTurn {
  #sends: (() => void)[] = []

  add(send: () => void): void {
    if (this.#sends.push(send) === 1) setImmediate(() => this.flush())
  }

  /** Sends now what waits. */
  flush(): void {
    if (this.#sends.length === 0) return
    const sends = this.#sends
    this.#sends = []
    for (const send of sends) send()
  }
}
