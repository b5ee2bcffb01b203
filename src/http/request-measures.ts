/** What is measured of each request: how many, how long until their answer, by the pattern of their route. */
import type { Counter, Measures, Timer } from '#base/measures'

export interface Measured {
  /** Its pattern. */
  readonly route: string
  readonly method: string
  readonly status: number
  /** Until there was an answer, whoever took it how slowly. */
  readonly ms: number
  /** Of the body. */
  readonly bytes: number
}

interface OfRoute {
  readonly timer: Timer
  /** By method and status. */
  readonly counters: Map<string, Map<number, Counter>>
}

export class RequestMeasures {
  readonly #measures: Measures
  readonly #bytes: Counter
  readonly #routes = new Map<string, OfRoute>()

  constructor(measures: Measures) {
    this.#measures = measures
    this.#bytes = measures.counter('http_sent_bytes_total', 'Bytes of bodies that were sent.')
  }

  note({ route, method, status, ms, bytes }: Measured): void {
    const of = this.#of(route)
    of.timer.note(ms)
    const counter =
      of.counters.get(method)?.get(status) ?? this.#count(of, { route, method, status })
    counter.add()
    this.#bytes.add(bytes)
  }

  #of(path: string): OfRoute {
    const known = this.#routes.get(path)
    if (known) return known
    const help = 'Time until the answer to a request.'
    const timer = this.#measures.timer('http_request_seconds', help, { route: path })
    const made = { timer, counters: new Map<string, Map<number, Counter>>() }
    this.#routes.set(path, made)
    return made
  }

  /** A method that nothing here knows comes from a stranger: they are one. */
  #count(of: OfRoute, { route, method, status }: Pick<Measured, 'route' | 'method' | 'status'>) {
    const labels = { route, method: KNOWN.has(method) ? method : 'OTHER', status: String(status) }
    const help = 'Requests that were answered.'
    const counter = this.#measures.counter('http_requests_total', help, labels)
    const ofMethod = of.counters.get(method) ?? new Map<number, Counter>()
    of.counters.set(method, ofMethod.set(status, counter))
    return counter
  }
}

const KNOWN = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PUSH'])
