/** A worker's part of the crew: what it hears from the parent, and what it says through it. */
import type { Crew, Heard, Roster, Stop, Told, Turn } from '#base/crew'
import type { ToParent, ToWorker } from './messages.ts'

/** This process, as it speaks with its parent. */
type Process = Pick<NodeJS.Process, 'on' | 'send'>

interface Waiter {
  readonly onNews: ((news: Told) => void) | undefined
  readonly resolve: (turn: Turn | Heard) => void
}

interface Led {
  readonly start: () => Stop
  stop: Stop | undefined
}

export class CrewMember implements Crew {
  readonly number: number
  readonly #process: Process
  readonly #waiters = new Map<string, Waiter>()
  /** Those who want a turn that another part of this process has, or waits for. */
  readonly #queues = new Map<string, Promise<unknown>>()
  readonly #hearers = new Map<string, (news: Told) => void>()
  readonly #answerers = new Map<string, () => Told>()
  readonly #asking = new Map<number, (answers: Told[]) => void>()
  readonly #calling = new Map<number, (roster: Roster) => void>()
  readonly #led = new Set<Led>()
  readonly #ended = Promise.withResolvers<'stop' | 'retire'>()
  #asked = 0
  #isLeading = false

  constructor(number: number, own: Process) {
    this.number = number
    this.#process = own
    own.on('message', (message) => this.#take(message as ToWorker))
  }

  /** Resolves when this worker is to end, to how: at once, or when nobody needs it any more. */
  get ended(): Promise<'stop' | 'retire'> {
    return this.#ended.promise
  }

  ready(urls: readonly string[]): void {
    this.#say({ kind: 'ready', urls })
  }

  /** The folder has become another server's. */
  renew(): void {
    this.#say({ kind: 'renew' })
  }

  /** As if the parent had said so. */
  stop(): void {
    this.#ended.resolve('stop')
  }

  async enter(key: string, onNews?: (news: Told) => void): Promise<Turn | Heard> {
    const before = this.#queues.get(key)
    const { promise, resolve } = Promise.withResolvers<void>()
    const queue = Promise.all([before, promise])
    this.#queues.set(key, queue)
    await before
    const leave = (): void => {
      if (this.#queues.get(key) === queue) this.#queues.delete(key)
      resolve()
    }
    const given = await new Promise<Turn | Heard>((give) => {
      this.#waiters.set(key, { onNews, resolve: give })
      this.#say({ kind: 'enter', key })
    })
    if (given.kind === 'heard') {
      leave()
      return given
    }
    return {
      kind: 'own',
      tell: (news) => given.tell(news),
      end(outcome) {
        given.end(outcome)
        leave()
      },
    }
  }

  cast(topic: string, news: Told): void {
    this.#say({ kind: 'cast', topic, news })
  }

  onCast(topic: string, hear: (news: Told) => void): void {
    this.#hearers.set(topic, hear)
  }

  gather(topic: string): Promise<Told[]> {
    const number = ++this.#asked
    return new Promise((resolve) => {
      this.#asking.set(number, resolve)
      this.#say({ kind: 'gather', number, topic })
    })
  }

  onGather(topic: string, answer: () => Told): void {
    this.#answerers.set(topic, answer)
  }

  lead(start: () => Stop): Stop {
    const led: Led = { start, stop: undefined }
    this.#led.add(led)
    if (this.#isLeading) led.stop = start()
    return async () => {
      this.#led.delete(led)
      await stopLed(led)
    }
  }

  roster(): Promise<Roster> {
    const number = ++this.#asked
    return new Promise((resolve) => {
      this.#calling.set(number, resolve)
      this.#say({ kind: 'call-roll', number })
    })
  }

  #take(message: ToWorker): void {
    switch (message.kind) {
      case 'own':
        this.#give(message.key, this.#turn(message.key))
        break
      case 'heard':
        this.#give(message.key, { kind: 'heard', outcome: message.outcome })
        break
      case 'news':
        this.#waiters.get(message.key)?.onNews?.(message.news)
        break
      case 'cast':
        this.#hearers.get(message.topic)?.(message.news)
        break
      case 'asked':
        void this.#answer(message)
        break
      case 'gathered':
        this.#asking.get(message.number)?.([...message.answers])
        this.#asking.delete(message.number)
        break
      case 'roll':
        this.#calling.get(message.number)?.(message.roster)
        this.#calling.delete(message.number)
        break
      case 'lead':
        this.#isLeading = true
        for (const led of this.#led) led.stop ??= led.start()
        break
      case 'yield':
        void this.#yield()
        break
      default:
        this.#ended.resolve(message.kind)
    }
  }

  async #answer({ number, topic }: ToWorker & { kind: 'asked' }): Promise<void> {
    const answerer = this.#answerers.get(topic)
    const answer = await (async () => answerer?.())().catch(() => undefined)
    this.#say({ kind: 'answer', number, answer })
  }

  #turn(key: string): Turn {
    return {
      kind: 'own',
      tell: (news) => this.#say({ kind: 'tell', key, news }),
      end: (outcome) => this.#say({ kind: 'end', key, outcome }),
    }
  }

  #give(key: string, given: Turn | Heard): void {
    const waiter = this.#waiters.get(key)
    this.#waiters.delete(key)
    waiter?.resolve(given)
  }

  async #yield(): Promise<void> {
    this.#isLeading = false
    await Promise.allSettled(Array.from(this.#led, stopLed))
    this.#say({ kind: 'yielded' })
  }

  /** A parent that is gone need not hear: this process ends with it. */
  #say(message: ToParent): void {
    this.#process.send?.(message, undefined, undefined, () => {})
  }
}

async function stopLed(led: Led): Promise<void> {
  const { stop } = led
  led.stop = undefined
  await stop?.()
}
