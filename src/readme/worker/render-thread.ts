/** The rendering thread: one description at a time. It may be ended at any moment. */
import { parentPort } from 'node:worker_threads'
import { renderSource } from '../render.ts'
import { READY, type Answer, type Order } from './messages.ts'

parentPort!.on('message', (order: Order) => parentPort!.postMessage(answer(order)))
parentPort!.postMessage(READY)

function answer({ source, limits }: Order): Answer {
  try {
    const rendered = renderSource(source)
    return rendered.html.length > limits.outputCharacters ? { problem: 'too-large' } : { rendered }
  } catch {
    // Too deep for the stack, too long for a string: what a text must not be, whatever it is.
    return { problem: 'failed' }
  }
}
