/** In the parent: what workers say to each other, and which of them leads. */
import type { ToParent } from './messages.ts'
import { Questions } from './questions.ts'
import { Turns } from './turns.ts'
import type { WorkerProcess } from './worker-process.ts'

export class Switchboard {
  readonly #workers = new Set<WorkerProcess>()
  readonly #turns = new Turns()
  readonly #questions = new Questions()
  readonly #onRenew: () => void
  #leader: WorkerProcess | undefined
  /** Who leads once the leader of now has ended what only one does. */
  #next: WorkerProcess | undefined

  constructor(onRenew: () => void) {
    this.#onRenew = onRenew
  }

  add(worker: WorkerProcess): void {
    this.#workers.add(worker)
  }

  /** It takes requests. One that takes the place of another leads if that did. */
  admit(worker: WorkerProcess, instead?: WorkerProcess): void {
    if (!this.#leader) this.#appoint(worker)
    else if (this.#leader === instead) {
      this.#next = worker
      instead.send({ kind: 'yield' })
    }
  }

  /** The worker is no more. `left`: those that go on. */
  remove(worker: WorkerProcess, left: readonly WorkerProcess[]): void {
    this.#workers.delete(worker)
    this.#turns.leave(worker)
    this.#questions.leave(worker)
    if (this.#next === worker) this.#next = undefined
    if (this.#leader !== worker) return
    this.#leader = undefined
    const next = this.#next ?? left[0]
    if (next) this.#appoint(next)
  }

  hear(message: ToParent, from: WorkerProcess): void {
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

  #appoint(worker: WorkerProcess): void {
    this.#leader = worker
    this.#next = undefined
    worker.send({ kind: 'lead' })
  }

  #beside(worker: WorkerProcess): WorkerProcess[] {
    return [...this.#workers].filter((one) => one !== worker)
  }
}
