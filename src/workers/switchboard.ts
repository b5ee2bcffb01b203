/** In the parent: what workers say to each other, and which of them leads. */
import type { Roster } from '#base/crew'
import type { ToParent } from './messages.ts'
import { Questions } from './questions.ts'
import { Turns, type Hearer } from './turns.ts'

export class Switchboard {
  readonly #workers = new Set<Hearer>()
  readonly #turns = new Turns()
  readonly #questions = new Questions()
  readonly #onRenew: () => void
  readonly #roster: () => Roster
  #leader: Hearer | undefined
  /** Who leads once the leader of now has ended what only one does. */
  #next: Hearer | undefined

  constructor(onRenew: () => void, roster: () => Roster) {
    this.#onRenew = onRenew
    this.#roster = roster
  }

  isLeader(worker: Hearer): boolean {
    return this.#leader === worker
  }

  add(worker: Hearer): void {
    this.#workers.add(worker)
  }

  /** It takes requests. One that takes the place of another leads if that did. */
  admit(worker: Hearer, instead?: Hearer): void {
    if (!this.#leader) this.#appoint(worker)
    else if (this.#leader === instead) {
      this.#next = worker
      instead.send({ kind: 'yield' })
    }
  }

  /** The worker is no more. `left`: those that go on. */
  remove(worker: Hearer, left: readonly Hearer[]): void {
    this.#workers.delete(worker)
    this.#turns.leave(worker)
    this.#questions.leave(worker)
    if (this.#next === worker) this.#next = undefined
    if (this.#leader !== worker) return
    this.#leader = undefined
    const next = this.#next ?? left[0]
    if (next) this.#appoint(next)
  }

  hear(message: ToParent, from: Hearer): void {
    switch (message.kind) {
      case 'enter':
        this.#turns.enter(message.key, from)
        break
      case 'tell':
        this.#turns.tell(message.key, from, message.news)
        break
      case 'end':
        this.#turns.end(message.key, from, message.outcome)
        break
      case 'cast':
        for (const one of this.#beside(from)) one.send(message)
        break
      case 'gather':
        this.#questions.ask(from, message, this.#beside(from))
        break
      case 'answer':
        this.#questions.answer(message.number, from, message.answer)
        break
      case 'call-roll':
        from.send({ kind: 'roll', number: message.number, roster: this.#roster() })
        break
      case 'yielded':
        if (from === this.#leader) this.#handOver()
        break
      case 'renew':
        this.#onRenew()
        break
      default:
    }
  }

  #handOver(): void {
    const next = this.#next
    this.#leader = undefined
    if (next) this.#appoint(next)
  }

  #appoint(worker: Hearer): void {
    this.#leader = worker
    this.#next = undefined
    worker.send({ kind: 'lead' })
  }

  #beside(worker: Hearer): Hearer[] {
    return [...this.#workers].filter((one) => one !== worker)
  }
}
