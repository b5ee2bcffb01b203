/** How late the event loop is: what it costs everybody when something does not give way. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Timers of this are what is late; a wakeup costs some microseconds. */
const RESOLUTION_MS = 20
const WINDOW_MS = 60_000

type Histogram = ReturnType<typeof monitorEventLoopDelay>

export interface Lag {
  /** Seconds, of the last one or two minutes. */
  readonly median: number
  readonly p99: number
  readonly most: number
}

export class LoopLag {
  #now = start()
  #before: Lag | undefined
  readonly #timer = setInterval(() => this.#turn(), WINDOW_MS).unref()

  read(): Lag {
    const now = readLag(this.#now)
    const before = this.#before ?? now
    return {
      median: now.median,
      p99: Math.max(now.p99, before.p99),
      most: Math.max(now.most, before.most),
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#now.disable()
  }

  #turn(): void {
    this.#before = readLag(this.#now)
    this.#now.reset()
  }
}

function start(): Histogram {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return histogram
}

function readLag(histogram: Histogram): Lag {
  if (histogram.count === 0) return { median: 0, p99: 0, most: 0 }
  const late = (ns: number): number => Math.max(0, ns / 1e9 - RESOLUTION_MS / 1000)
  return {
    median: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    most: late(histogram.max),
  }
}
