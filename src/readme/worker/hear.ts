/** Waiting for a thread's next message, but not for ever. */
import { setTimeout } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'

export interface Patience {
  /** Time that passes. */
  readonly passing: number
  /**
   * Time that the thread works: what counts against a text, since on a busy machine an innocent one waits for its
   * turn.
   */
  readonly working?: number
}

/** The message, or why there will be none. */
export async function hear<Message>(
  thread: Worker,
  patience: Patience,
): Promise<Message | 'too-slow' | 'gone'> {
  const { promise, resolve } = Promise.withResolvers<Message | 'too-slow' | 'gone'>()
  const heard = new AbortController()
  const gone = (): void => resolve('gone')
  const limits: Promise<unknown>[] = [
    setTimeout(patience.passing, undefined, { signal: heard.signal }),
  ]
  if (patience.working !== undefined) limits.push(works(thread, patience.working, heard.signal))
  thread.once('message', resolve).once('exit', gone)
  // A limit that fails was called off, or its thread is gone: that is heard of in another way.
  for (const limit of limits) limit.then(() => resolve('too-slow')).catch(() => {})
  try {
    return await promise
  } finally {
    heard.abort()
    thread.off('message', resolve).off('exit', gone)
  }
}

/** Asks again only after as much time as the thread may still work. */
async function works(thread: Worker, ms: number, signal: AbortSignal): Promise<void> {
  const before = await thread.cpuUsage()
  let left = ms
  while (left > 0) {
    await setTimeout(Math.max(left, 1), undefined, { signal })
    const { user, system } = await thread.cpuUsage(before)
    left = ms - (user + system) / 1000
  }
}
