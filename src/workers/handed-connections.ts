/**
 * Connections that the parent has handed to a worker which has not said yet that it has them. `node:cluster` forgets
 * those of a worker that ends: nobody would close them, and their clients would wait until they lose patience.
 */
import type { Worker } from 'node:cluster'
import type { ChildProcess } from 'node:child_process'

/** As `node:cluster` speaks with its workers. */
interface ClusterMessage {
  readonly cmd?: string
  readonly act?: string
  readonly seq?: number
  readonly ack?: number
}

interface Handle {
  close(): void
}

/** From now on: breaks them off when the worker ends, as those that it has. Their clients ask again. */
export function closeUntaken(worker: Worker): void {
  const untaken = new Map<number, Handle>()
  const own: ChildProcess = worker.process
  const send = own.send.bind(own) as (...args: unknown[]) => boolean
  own.send = (message: ClusterMessage, ...rest: unknown[]): boolean => {
    const isHandedOver = message.cmd === 'NODE_CLUSTER' && message.act === 'newconn'
    if (isHandedOver && message.seq !== undefined) untaken.set(message.seq, rest[0] as Handle)
    return send(message, ...rest)
  }
  own.on('internalMessage', ({ ack }: ClusterMessage) => {
    if (ack !== undefined) untaken.delete(ack)
  })
  worker.once('exit', () => {
    for (const handle of untaken.values()) handle.close()
    untaken.clear()
  })
}
