/** The process that follows the ledger into the search index, from outside: it runs while there is something to do. */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Log } from '#base/log'
import type { SearchBacklog } from './search.ts'
import type { IndexerNews, IndexerOrder } from './indexer-messages.ts'

export interface IndexerProgram {
  /** The address of a module that calls `serveIndexer`. */
  readonly program: string
  /** The data folder. */
  readonly folder: string
}

const IDLE_MS = 10_000
const LONGEST_END_MS = 5000
/** Of memory, for what is read of projects. */
const MEGABYTES = 512

export class IndexerProcess {
  readonly #program: IndexerProgram
  readonly #log: Log
  readonly #onIdle: (backlog: SearchBacklog) => void
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>()
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined
  #number = 0
  #isClosed = false
  /** An order to look is on its way; and something has changed since. */
  #isLooking = false
  #mustLookAgain = false
  #backlog: SearchBacklog = { changes: 0, failed: 0 }

  /** `onIdle` is called each time when nothing is to be done any more. */
  constructor(
    program: IndexerProgram,
    { log, onIdle }: { readonly log: Log; readonly onIdle: (backlog: SearchBacklog) => void },
  ) {
    this.#program = program
    this.#log = log
    this.#onIdle = onIdle
  }

  /** As far as was heard. */
  get backlog(): SearchBacklog {
    return this.#backlog
  }

  /** Something has changed that is to be searchable. */
  noteChange(): void {
    const { changes, failed } = this.#backlog
    this.#backlog = { changes: changes + 1, failed }
  }

  /** How it is where another process of this server has the index written. */
  hearBacklog(backlog: SearchBacklog): void {
    this.#backlog = backlog
  }

  /** Another process of this server has the index written from here on. */
  async rest(): Promise<void> {
    for (const { reject } of this.#waiting.values())
      reject(new Error('another process does it now'))
    this.#waiting.clear()
    await this.#end()
  }

  /** Changes come faster than a process that is at work hears of them: one order waits for it, and not one for each. */
  wake(): void {
    this.#mustLookAgain = true
    if (this.#isLooking) return
    this.#mustLookAgain = false
    this.#isLooking = true
    this.#tell({ kind: 'look' }, () => {
      this.#isLooking = false
      if (this.#mustLookAgain) this.wake()
    })
  }

  repair(): void {
    this.#tell({ kind: 'repair' })
  }

  caughtUp(): Promise<void> {
    const number = this.#number++
    const done = Promise.withResolvers<void>()
    this.#waiting.set(number, done)
    this.#tell({ kind: 'catch up', number })
    return done.promise
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const { reject } of this.#waiting.values()) reject(new Error('the search index is closed'))
    this.#waiting.clear()
    await this.#end()
  }

  #tell(order: IndexerOrder, onSent: () => void = ignore): void {
    if (this.#isClosed) return
    clearTimeout(this.#idle)
    this.#child ??= this.#start()
    this.#child.send(order, onSent)
  }

  /** Neither the process nor what it says keeps the server up. */
  #start(): ChildProcess {
    const { program, folder } = this.#program
    const child = fork(fileURLToPath(program), {
      // Helpers of the engine would have the priority that the server has.
      execArgv: ['--single-threaded', `--max-old-space-size=${MEGABYTES}`],
      env: {},
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.unref()
    child.channel?.unref()
    child.on('message', (news) => this.#hear(news as IndexerNews))
    child.on('error', (error) => this.#log.error({ error }, 'the search index is not written'))
    child.send({ kind: 'begin', folder } satisfies IndexerOrder, ignore)
    child.on('exit', (code, signal) => this.#ended(child, code ?? signal))
    return child
  }

  #hear(news: IndexerNews): void {
    if (news.kind === 'done') {
      this.#waiting.get(news.number)?.resolve()
      this.#waiting.delete(news.number)
    } else if (news.kind === 'failed') {
      this.#waiting.get(news.number)?.reject(new Error(news.reason))
      this.#waiting.delete(news.number)
    } else if (news.kind === 'idle') {
      this.#backlog = { changes: 0, failed: news.owed }
      this.#onIdle(this.#backlog)
      clearTimeout(this.#idle)
      if (news.owed === 0) this.#idle = setTimeout(() => void this.#end(), IDLE_MS).unref()
    } else {
      const { about, reason } = news
      this.#log.error({ about, reason }, 'the search index could not be brought up to date')
    }
  }

  /** Whoever still waits for it gets another one. */

  #ended(child: ChildProcess, how: number | string | null): void {
    if (this.#child !== child) return
    this.#child = undefined
    this.#log.error({ how }, 'the process that writes the search index ended')
    for (const { reject } of this.#waiting.values()) reject(new Error('the search index stopped'))
    this.#waiting.clear()
  }

  async #end(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    clearTimeout(this.#idle)
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.send({ kind: 'end' } satisfies IndexerOrder, ignore)
    child.ref()
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_END_MS)
    await ended
    clearTimeout(timer)
  }
}

/** A process that is gone is told of where it ends. */
function ignore(): void {}
