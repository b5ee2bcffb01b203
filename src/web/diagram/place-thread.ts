/** The thread that places large diagrams, one at a time. */
import { parentPort } from 'node:worker_threads'
import type { InheritanceGraph } from '#registry/inheritance-graph'
import { placeGraph, type Placement } from './placement.ts'

export interface PlaceOrder {
  readonly number: number
  readonly graph: InheritanceGraph
}

export type Placed =
  | { readonly number: number; readonly placement: Placement }
  | { readonly number: number; readonly problem: string }

parentPort?.on('message', ({ number, graph }: PlaceOrder) =>
  parentPort?.postMessage(place(number, graph)),
)

function place(number: number, graph: InheritanceGraph): Placed {
  try {
    return { number, placement: placeGraph(graph) }
  } catch (error) {
    return { number, problem: String(error) }
  }
}
