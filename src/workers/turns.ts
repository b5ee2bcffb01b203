/** In the parent: whose turn it is under each key, and who waits. */
import type { Told } from '#base/crew'
import type { ToWorker } from './messages.ts'

/** As the parent sees a worker. */
export interface Hearer {
  send(message: ToWorker): void
}

interface Place {
  owner: Hearer
  /** In the order in which they came. */
  readonly waiting: Hearer[]
  news: { readonly last: Told } | undefined
}

export class Turns {
  readonly #places = new Map<string, Place>()

  /** Keys under which somebody works. */
  get size(): number {
    return this.#places.size
  }

  enter(key: string, worker: Hearer): void {
    const place = this.#places.get(key)
    if (place) {
      place.waiting.push(worker)
      if (place.news) worker.send({ kind: 'news', key, news: place.news.last })
    } else {
      this.#places.set(key, { owner: worker, waiting: [], news: undefined })
      worker.send({ kind: 'own', key })
    }
  }

  tell(key: string, worker: Hearer, news: Told): void {
    const place = this.#places.get(key)
    if (place?.owner !== worker) return
    place.news = { last: news }
    for (const one of place.waiting) one.send({ kind: 'news', key, news })
  }

  /** Without an outcome the next has the turn. */
  end(key: string, worker: Hearer, outcome: Told): void {
    const place = this.#places.get(key)
    if (place?.owner !== worker) return
    if (outcome === undefined) {
      this.#handOn(key, place)
      return
    }
    this.#places.delete(key)
    for (const one of place.waiting) one.send({ kind: 'heard', key, outcome })
  }

  /** The worker is no more. */
  leave(worker: Hearer): void {
    for (const [key, place] of this.#places) {
      const left = place.waiting.filter((one) => one !== worker)
      place.waiting.splice(0, Infinity, ...left)
      if (place.owner === worker) this.#handOn(key, place)
    }
  }

  #handOn(key: string, place: Place): void {
    const next = place.waiting.shift()
    if (!next) {
      this.#places.delete(key)
      return
    }
    place.owner = next
    place.news = undefined
    next.send({ kind: 'own', key })
  }
}
