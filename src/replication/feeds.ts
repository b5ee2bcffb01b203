/** What replicas are fed with: a stream of changes each, held open, as fast as its reader takes it. */
import { Readable } from 'node:stream'
import type { Clock } from '#base/clock'
import { soleCrew, type Crew } from '#base/crew'
import type { Ledger } from '#ledger/ledger'
import type { Serial } from '#ledger/key'
import { printChange } from './change-text.ts'
import { FrameWriter } from './frames.ts'

/** Of the frames and what is in them. A replica that does not know it does not read on. */
export const WIRE_VERSION = 1

/** A stream says so often that nothing is new, so that either side notices when the other is gone. */
const BEAT_MS = 10_000

/** Changes that are there go out together, up to so many bytes or a little more. */
const PORTION = 64 * 1024

/** How long a replica that is gone is remembered. */
const REMEMBERED_MS = 24 * 3_600_000

export interface FeedOrder {
  /** The first serial that is wanted; the next one after the last is waited for. */
  readonly from: Serial
  /** What the frames are signed with. */
  readonly key: Uint8Array
  readonly replica: Replica
}

/** Who asks, as its request says. */
export interface Replica {
  readonly uuid: string
  readonly address: string
  readonly outsideUrl: string | undefined
}

export interface Attached extends Replica {
  /** The last serial that was handed to its connection. */
  readonly serial: Serial
  readonly isAttached: boolean
  /** An instant: when it came, or went. */
  readonly since: number
}

/** `changed`: the last change before what is wanted is another one here, so the histories have parted. */
export type FeedProblem = 'ahead' | 'changed'

interface FeedsNeeds {
  readonly ledger: Ledger
  readonly clock: Clock
  /** Of this server. */
  readonly uuid: string
  readonly beatMs?: number
  /** The processes of this server, of which any may feed a replica. */
  readonly crew?: Crew
}

const TOPIC = 'replicas'
/** So long what is told to the other processes is gathered. */
const TELL_MS = 100

export class Feeds {
  readonly #needs: FeedsNeeds
  readonly #attached = new Map<string, { -readonly [K in keyof Attached]: Attached[K] }>()
  /** By replica, as another process of the server has told. */
  readonly #elsewhere = new Map<string, Attached>()
  readonly #crew: Crew
  readonly #closing = new AbortController()
  #isTelling = false

  constructor(needs: FeedsNeeds) {
    this.#needs = needs
    this.#crew = needs.crew ?? soleCrew
    const hear = (told: unknown): void => {
      for (const one of told as Attached[]) this.#elsewhere.set(one.uuid, one)
    }
    this.#crew.onCast(TOPIC, hear)
    this.#crew.onGather(TOPIC, () => [...this.#attached.values()])
    void this.#crew.gather(TOPIC).then((answers) => answers.filter(Array.isArray).forEach(hear))
  }

  /** Why there can be no stream from this serial for who has the change before it under this hash. */
  async findProblem(from: Serial, hashBefore: string): Promise<FeedProblem | undefined> {
    const { ledger } = this.#needs
    await ledger.catchUp()
    if (from > ledger.serial + 1) return 'ahead'
    if (from <= 0) return undefined
    return (await ledger.change(from - 1))?.hash === hashBefore ? undefined : 'changed'
  }

  /** Its reader must end or destroy it. It ends by itself when the server closes. */
  open({ from, key, replica }: FeedOrder): Readable {
    const { uuid } = replica
    const attached = { ...replica, serial: from - 1, isAttached: true, since: this.#now() }
    this.#attached.set(uuid, attached)
    const left = new AbortController()
    const signal = AbortSignal.any([left.signal, this.#closing.signal])
    const onSent = (serial: Serial): void => {
      attached.serial = serial
      this.#tellSoon()
    }
    this.#tellSoon()
    const feed = { from, uuid, left, signal, onSent }
    const stream = Readable.from(this.#frames(new FrameWriter(key), feed), { objectMode: false })
    stream.once('close', () => {
      left.abort()
      Object.assign(attached, { isAttached: false, since: this.#now() })
      this.#tellSoon()
    })
    return stream
  }

  /** Those that follow, and those that did not long ago. */
  list(): Attached[] {
    for (const known of [this.#attached, this.#elsewhere]) {
      for (const [uuid, { isAttached, since }] of known) {
        if (!isAttached && since < this.#now() - REMEMBERED_MS) known.delete(uuid)
      }
    }
    const all = new Map<string, Attached>(this.#attached)
    for (const [uuid, one] of this.#elsewhere) {
      const own = all.get(uuid)
      // It came to that process later than it came here, or went from it.
      if (!own || one.since > own.since) all.set(uuid, one)
    }
    return [...all.values()]
  }

  #tellSoon(): void {
    if (this.#crew.number === undefined) return // nobody is to be told
    if (this.#isTelling) return
    this.#isTelling = true
    setTimeout(() => {
      this.#isTelling = false
      this.#crew.cast(TOPIC, [...this.#attached.values()])
    }, TELL_MS).unref()
  }

  /** Ends all streams; those that come later end at once. */
  close(): void {
    this.#closing.abort()
  }

  async *#frames(
    frames: FrameWriter,
    feed: {
      from: Serial
      uuid: string
      /** Aborted when the reader is gone. */
      left: AbortController
      signal: AbortSignal
      onSent: (serial: Serial) => void
    },
  ): AsyncGenerator<Buffer, void, void> {
    const { ledger, uuid, beatMs = BEAT_MS } = this.#needs
    const facts = (): object => ({ serial: ledger.serial, members: this.#membersBeside(feed.uuid) })
    const beat = (): Buffer => frames.write('B', JSON.stringify(facts()))
    const { epoch } = ledger
    yield frames.write('H', JSON.stringify({ wire: WIRE_VERSION, uuid, epoch, ...facts() }))

    const changes = ledger.changes(feed.from, { signal: feed.signal })
    const nextChange = () => heldBack(changes.next())
    try {
      let next = nextChange()
      for (;;) {
        const come = await orAfter(beatMs, next, feed.signal)
        if (come === undefined) {
          yield beat()
          continue
        }
        const portion: Buffer[] = []
        let size = 0
        for (let { value } = come; value;) {
          const frame = frames.write('C', printChange(value))
          portion.push(frame)
          size += frame.length
          feed.onSent(value.serial)
          next = nextChange()
          const isLast = value.serial >= ledger.serial || size >= PORTION
          value = isLast ? undefined : (await next).value
        }
        if (portion.length === 0) return
        yield Buffer.concat([...portion, beat()])
      }
    } finally {
      feed.left.abort()
      await changes.return()
    }
  }

  /** Where the other replicas are: each may be promoted, and is then to tell the others. */
  #membersBeside(uuid: string): string[] | undefined {
    const others = this.list().flatMap((one) =>
      one.uuid === uuid || one.outsideUrl === undefined ? [] : [one.outsideUrl],
    )
    return others.length === 0 ? undefined : others.sort()
  }

  #now(): number {
    return this.#needs.clock.now()
  }
}

/** Its failure is met by whoever comes to wait for it, perhaps later, perhaps never. */
function heldBack<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {})
  return work
}

/** Undefined when the time is over first. */
async function orAfter<T>(
  ms: number,
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  if (signal.aborted) return work
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined).unref()
  })
  try {
    return await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}
