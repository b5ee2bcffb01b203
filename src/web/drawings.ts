/**
 * Drawings of inheritance, kept and made anew when an index changes. Small ones take a millisecond or two, large
 * ones are placed in a thread.
 */
import { Worker } from 'node:worker_threads'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Log } from '#base/log'
import type { IndexGraph } from '#registry/index-graph'
import { graphAround, wholeGraph, type InheritanceGraph } from '#registry/inheritance-graph'
import type { IndexName } from '#registry/indexes'
import { drawGraph, type Drawing } from './diagram.ts'
import type { Placed } from './diagram/place-thread.ts'

export interface Wanted {
  /** All indexes, where none is viewed. */
  readonly viewed: IndexName | undefined
  /** Steps each way. */
  readonly around: number
  readonly mayRead?: (index: IndexName) => boolean
}

/** More are left out and counted: with more, nobody sees anything, and placing them takes long. */
const MOST_NEAR = { nodes: 24, edges: 100 }
const MOST = { nodes: 150, edges: 400 }
/** Nodes and edges that are placed at once. */
const SMALL = 24
const MOST_KEPT = 500

export class Drawings {
  readonly #graph: IndexGraph
  readonly #log: Log
  /** By what somebody sees, so that equal graphs are one drawing. */
  readonly #drawings = new LRUCache<string, Promise<Drawing>>({ max: MOST_KEPT })
  /** What is made anew after a change. */
  readonly #asked = new LRUCache<string, Wanted>({ max: MOST_KEPT })
  readonly #waiting = new Map<number, (placed: Placed) => void>()
  readonly #stop: () => void
  #thread: Worker | undefined
  #number = 0
  #isStale = false
  #renewing: Promise<void> | undefined
  #isClosed = false

  constructor(graph: IndexGraph, log: Log) {
    this.#graph = graph
    this.#log = log
    this.#stop = graph.follow(() => this.#renewBehind())
  }

  /** The drawing as of now: the same object as before where nothing in it has changed. Undefined: no such index. */
  async find(wanted: Wanted): Promise<Drawing | undefined> {
    const { viewed, around, mayRead } = wanted
    const bases = await this.#graph.current()
    const limits = { ...(around > 3 ? MOST : MOST_NEAR), ...(mayRead && { mayRead }) }
    const graph =
      viewed === undefined
        ? wholeGraph(bases, { ...MOST, ...(mayRead && { mayRead }) })
        : graphAround(bases, viewed, { ...limits, around })
    if (!graph) return undefined
    if (!mayRead) this.#asked.set(`${around} ${viewed}`, wanted)
    return this.#draw(graph)
  }

  async #draw(graph: InheritanceGraph): Promise<Drawing> {
    const name = JSON.stringify(graph)
    const known = this.#drawings.get(name)
    if (known) return known
    const drawing = this.#place(graph)
    this.#drawings.set(name, drawing)
    drawing.catch(() => this.#drawings.delete(name))
    return drawing
  }

  async #place(graph: InheritanceGraph): Promise<Drawing> {
    if (graph.nodes.length + graph.edges.length <= SMALL) return drawGraph(graph)
    const number = ++this.#number
    const placed = await new Promise<Placed>((resolve) => {
      this.#waiting.set(number, resolve)
      this.#openThread().postMessage({ number, graph })
    })
    if ('problem' in placed) throw new Error(`a diagram could not be placed: ${placed.problem}`)
    return { graph, placement: placed.placement }
  }

  #openThread(): Worker {
    if (this.#thread) return this.#thread
    // By its name and not by a path: the file ends in .ts here, and in .js in the package.
    const thread = new Worker(new URL(import.meta.resolve('#web/diagram/place-thread')), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    })
    thread.unref()
    thread.on('message', (placed: Placed) => {
      this.#waiting.get(placed.number)?.(placed)
      this.#waiting.delete(placed.number)
    })
    thread.on('error', ({ message }: Error) => this.#endThread(thread, message))
    thread.on('exit', () => this.#endThread(thread, 'its thread has ended'))
    this.#thread = thread
    return thread
  }

  /** Whoever waits for it hears of it; the next one gets a new one. */
  #endThread(thread: Worker, problem: string): void {
    if (this.#thread !== thread) return
    this.#thread = undefined
    for (const [number, tell] of this.#waiting) tell({ number, problem })
    this.#waiting.clear()
  }

  #renewBehind(): void {
    this.#isStale = true
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined))
  }

  /** One after the other, with turns for requests in between. */
  async #renew(): Promise<void> {
    while (this.#isStale && !this.#isClosed) {
      this.#isStale = false
      for (const [name, wanted] of [...this.#asked.entries()]) {
        await nextTurn()
        if (this.#isClosed) return
        await this.#renewOne(name, wanted)
      }
    }
  }

  async #renewOne(name: string, wanted: Wanted): Promise<void> {
    try {
      if (!(await this.find(wanted))) this.#asked.delete(name)
    } catch (error) {
      if (!this.#isClosed)
        this.#log.warn({ error, index: wanted.viewed }, 'could not draw inheritance')
    }
  }

  /** Waits for what is being made. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stop()
    await this.#thread?.terminate()
    await this.#renewing
  }
}
