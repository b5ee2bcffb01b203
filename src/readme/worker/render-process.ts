/**
 * The rendering process. Its thread renders, it watches the time and goes with the server. A process, because a thread
 * that runs out of memory may take all of its process along.
 */
import { LimitedThread } from './limited-thread.ts'
import type { Order } from './messages.ts'

const thread = new LimitedThread()

process.on('message', (order: Order) => {
  // Without a server nobody waits for the answer.
  void thread.render(order).then((answer) => process.connected && process.send!(answer))
})
process.on('disconnect', () => process.exit())
