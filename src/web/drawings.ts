/**
 * Drawings of inheritance, kept and made anew when an index changes. Small ones take a millisecond or two, large
 * ones are placed in a thread.
 */
import { Worker } from 'node:worker_threads'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Log } from '#base/log'
import type { Bases, IndexGraph } from '#registry/index-graph'
import {
  DEFAULT_AROUND,
  graphAround,
  wholeGraph,
  type InheritanceGraph,
} from '#registry/inheritance-graph'
import type { IndexName } from '#registry/indexes'
import type { MayRead } from '#registry/reading'
import { drawGraph, type Drawing } from './diagram.ts'
import type { Placed } from './diagram/place-thread.ts'

export interface Wanted {
  /** All indexes, where none is viewed. */
  readonly viewed: IndexName | undefined
  /** Steps each way. */
  readonly around: number
  /** Undefined: all. */
  readonly mayRead?: MayRead | undefined
}

interface Asked {
  readonly wanted: Wanted
  readonly revision: number
  readonly drawing: Promise<Drawing>
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
  /** What is found at once as long as no index changes, and looked at anew when one does. */
  readonly #asked = new LRUCache<string, Asked>({ max: MOST_KEPT })
  readonly #waiting = new Map<number, (placed: Placed) => void>()
  readonly #stop: () => void
  #thread: Worker | undefined
  #number = 0
  #isStale = false
  #working: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(graph: IndexGraph, log: Log) {
    this.#graph = graph
    this.#log = log
    this.#stop = graph.follow(() => this.#renewBehind())
  }

  /** The drawing as of now: the same object as before where nothing in it has changed. Undefined: no such index. */
  async find(wanted: Wanted): Promise<Drawing | undefined> {
    const name = `${wanted.around} ${wanted.viewed}`
    const bases = await this.#graph.current()
    const { revision } = this.#graph
    // Who may not read everything sees another drawing, which is looked for each time.
    const known = wanted.mayRead ? undefined : this.#asked.get(name)
    if (known?.revision === revision) return known.drawing
    const graph = graphOf(bases, wanted)
    if (!graph) {
      this.#asked.delete(name)
      return undefined
    }
    const drawing = this.#draw(graph)
    if (!wanted.mayRead) this.#keep(name, { wanted, revision, drawing })
    return drawing
  }

  #keep(name: string, asked: Asked): void {
    this.#asked.set(name, asked)
    asked.drawing.catch(() => {
      if (this.#asked.peek(name) === asked) this.#asked.delete(name)
    })
  }

  /** Draws the large ones, so that nobody is the first to ask for them. Runs behind. */
  prepare(): void {
    this.#behind(async () => {
      const { indexes } = await this.#graph.current()
      for (const viewed of [...indexes.keys()].slice(0, MOST_KEPT)) {
        await nextTurn()
        if (this.#isClosed) return
        const wanted = { viewed, around: DEFAULT_AROUND }
        const graph = graphOf(await this.#graph.current(), wanted)
        if (graph && !isSmall(graph)) await this.find(wanted)
      }
    })
  }

  #draw(graph: InheritanceGraph): Promise<Drawing> {
    const name = JSON.stringify(graph)
    const known = this.#drawings.get(name)
    if (known) return known
    const drawing = this.#place(graph)
    this.#drawings.set(name, drawing)
    drawing.catch(() => this.#drawings.delete(name))
    return drawing
  }

  async #place(graph: InheritanceGraph): Promise<Drawing> {
    if (isSmall(graph)) return drawGraph(graph)
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
    if (this.#isStale) return
    this.#isStale = true
    this.#behind(async () => {
      this.#isStale = false
      for (const { wanted } of [...this.#asked.values()]) await this.#drawBehind(wanted)
    })
  }

  /** One thing after the other. */
  #behind(work: () => Promise<void>): void {
    this.#working = this.#working.then(work).catch((error: unknown) => {
      if (!this.#isClosed) this.#log.warn({ error }, 'could not draw inheritance')
    })
  }

  /** With turns for requests in between. */
  async #drawBehind(wanted: Wanted): Promise<void> {
    await nextTurn()
    if (!this.#isClosed) await this.find(wanted)
  }

  /** Waits for what is being made. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stop()
    await this.#thread?.terminate()
    await this.#working
  }
}

function graphOf(bases: Bases, { viewed, around, mayRead }: Wanted): InheritanceGraph | undefined {
  const limits = {
    ...(around > DEFAULT_AROUND + 1 ? MOST : MOST_NEAR),
    ...(mayRead && { mayRead }),
  }
  if (viewed === undefined) return wholeGraph(bases, { ...limits, ...MOST })
  return graphAround(bases, viewed, { ...limits, around })
}

const isSmall = ({ nodes, edges }: InheritanceGraph): boolean =>
  nodes.length + edges.length <= SMALL
