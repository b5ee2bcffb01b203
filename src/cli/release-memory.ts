/** Memory of a server that has started: what only that needed goes back to the system. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { growHeapSteadily } from '#base/heap-growth'

type Collect = (options: { type: 'major'; execution: 'async'; flavor: 'last-resort' }) => unknown

/**
 * Collects once what parsing the modules left behind: about 10 MB of 115, which an idle server would keep
 * until somebody needs it. Takes some 15 ms.
 */
export function releaseStartMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as Collect
  setFlagsFromString('--no-expose-gc')
  void collect({ type: 'major', execution: 'async', flavor: 'last-resort' })
}

/** Of a process that answers requests. */
export function settleMemory(): void {
  releaseStartMemory()
  growHeapSteadily()
}
