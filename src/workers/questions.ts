/** In the parent: questions of one worker to all others, until they have answered. */
import type { Told } from '#base/crew'
import type { Hearer } from './turns.ts'

interface Question {
  readonly asker: Hearer
  /** As the asker calls it. */
  readonly number: number
  readonly awaited: Set<Hearer>
  readonly answers: Told[]
  readonly timer: NodeJS.Timeout
}

/** A worker that does not answer for so long is busy, and left out. */
const PATIENCE_MS = 1000

export class Questions {
  readonly #open = new Map<number, Question>()
  #last = 0

  ask(
    asker: Hearer,
    { number, topic }: { readonly number: number; readonly topic: string },
    others: readonly Hearer[],
  ): void {
    const own = ++this.#last
    const question = {
      ...{ asker, number, awaited: new Set(others), answers: [] },
      timer: setTimeout(() => this.#close(own), PATIENCE_MS),
    }
    this.#open.set(own, question)
    for (const one of others) one.send({ kind: 'asked', number: own, topic })
    if (others.length === 0) this.#close(own)
  }

  answer(number: number, worker: Hearer, answer: Told): void {
    const question = this.#open.get(number)
    if (!question?.awaited.delete(worker)) return
    question.answers.push(answer)
    if (question.awaited.size === 0) this.#close(number)
  }

  /** The worker is no more. */
  leave(worker: Hearer): void {
    for (const [number, { awaited }] of this.#open) {
      if (awaited.delete(worker) && awaited.size === 0) this.#close(number)
    }
  }

  #close(own: number): void {
    const question = this.#open.get(own)
    if (!question) return
    this.#open.delete(own)
    clearTimeout(question.timer)
    const { asker, number, answers } = question
    asker.send({ kind: 'gathered', number, answers })
  }
}
