/**
 * Small blobs are made durable many at once: those that come in together are written to one file and synced there in one go,
 * where each alone would need a sync of its own and one of its folder. Later, when the system has written most of them by
 * itself, the blobs' own files are synced and the journal goes. After a power loss what a journal holds is put back
 * (`journal-recovery.ts`).
 */
import { close, fdatasync, fstatSync, open, unlink, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { errorCode } from '#base/disk-failure'
import { syncFolder } from '#base/sync-folder'
import type { Sha256 } from '../blob-store.ts'
import { encodeRecord, type JournalRecord } from './journal-records.ts'

const openFile = promisify(open)
const closeFile = promisify(close)
const syncData = promisify(fdatasync)
const removeFile = promisify(unlink)

/** Bytes, from which on the next file is begun. */
const FULL = 64 * 1024 * 1024
/** Room is made for as much as is there, within these bounds: a sync need not keep where new bytes lie, too. */
const LEAST_ROOM = 64 * 1024
const MOST_ROOM = 1024 * 1024
/** Twice as long as Linux holds back what was written: there is little left to sync by then. */
const SETTLE_MS = 60_000
/** As long as something was kept so shortly before, who keeps more goes first. */
const QUIET_MS = 50
/** So long, and no longer. */
const PATIENCE_MS = 5 * 60_000

export interface JournalOptions {
  readonly folder: string
  /** Begins the names of this process's files, and of no other's. */
  readonly prefix: string
  /** Makes the files of these blobs durable, as far as they are still there; waits for `turn` before each. */
  syncBlobs(digests: Iterable<Sha256>, turn: () => Promise<void>): Promise<void>
}

interface Segment {
  readonly path: string
  readonly fd: number
  /** What is in it, each with when it was placed, or was not; never rejects. */
  readonly blobs: Map<Sha256, Promise<void>>
  /** Bytes of what is in it; zeros follow, up to `room`. */
  size: number
  room: number
}

interface Waiting extends JournalRecord {
  readonly placed: Promise<void>
  done(): void
  fail(error: unknown): void
}

export class Journal {
  readonly #options: JournalOptions
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  #segment: Segment | undefined
  #begun = 0
  /** No longer written to, and still to be settled. */
  #ended: Segment[] = []
  #isDue = false
  #timer: NodeJS.Timeout | undefined
  #settling: Promise<void> | undefined
  #keptAt = -Infinity
  #isClosing = false

  constructor(options: JournalOptions) {
    this.#options = options
  }

  /** Makes the bytes durable, then has them placed: afterwards they survive a power loss there. */
  async keep(record: JournalRecord, place: () => Promise<void>): Promise<void> {
    const { promise: placed, resolve: end } = Promise.withResolvers<void>()
    try {
      await new Promise<void>((done, fail) => {
        this.#waiting.push({ ...record, placed, done, fail })
        this.#writing ??= this.#writeAll()
      })
      await place()
    } finally {
      end()
    }
  }

  /** Syncs all blobs where they lie; nothing is left of the journal unless that fails. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#writing
    clearTimeout(this.#timer)
    this.#end()
    await this.#settling
    await this.#settle()
  }

  /** What is asked for while one write runs shares the next. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#isDue) this.#endAndSettle()
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#write(batch)
        for (const one of batch) one.done()
      } catch (error) {
        this.#end() // behind half a record nothing would be found again
        for (const one of batch) one.fail(error)
      }
    }
    this.#writing = undefined
  }

  async #quiet(until: number): Promise<void> {
    const isBusy = (now: number): boolean => now - this.#keptAt < QUIET_MS && now < until
    while (!this.#isClosing && isBusy(performance.now())) {
      await wait(QUIET_MS, undefined, { ref: false })
    }
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const bytes = Buffer.concat(batch.flatMap(encodeRecord))
    let segment: Segment
    for (;;) {
      segment = this.#segment ??= await this.#begin()
      makeRoom(segment, bytes.length)
      writeAt(segment, bytes, segment.size)
      await syncData(segment.fd)
      if (fstatSync(segment.fd).nlink > 0) break
      this.#end() // this process stood still for so long that another took it for dead
    }
    for (const { digest, placed } of batch) {
      // the same may come twice, and both are placed
      const before = segment.blobs.get(digest)
      segment.blobs.set(digest, before ? before.then(() => placed) : placed)
    }
    segment.size += bytes.length
    this.#keptAt = performance.now()
    this.#isDue ||= segment.size >= FULL
  }

  async #begin(): Promise<Segment> {
    const { folder, prefix } = this.#options
    const path = join(folder, `${prefix}-${(this.#begun++).toString(36)}`)
    const fd = await openFile(path, 'wx', 0o644)
    this.#timer = setTimeout(() => this.#age(), SETTLE_MS).unref()
    await syncFolder(folder)
    return { path, fd, blobs: new Map(), size: 0, room: 0 }
  }

  #age(): void {
    this.#isDue = true
    if (!this.#writing) this.#endAndSettle()
  }

  #endAndSettle(): void {
    this.#end()
    this.#settling ??= this.#settle().finally(() => (this.#settling = undefined))
  }

  /** Only between two writes. */
  #end(): void {
    clearTimeout(this.#timer)
    this.#isDue = false
    if (this.#segment) this.#ended.push(this.#segment)
    this.#segment = undefined
  }

  /** What cannot be settled keeps its journal, and is tried again with the next. */
  async #settle(): Promise<void> {
    const ended = this.#ended
    this.#ended = []
    const until = performance.now() + PATIENCE_MS
    for (const segment of ended) {
      try {
        await Promise.all(segment.blobs.values())
        await this.#options.syncBlobs(segment.blobs.keys(), () => this.#quiet(until))
        await removeIfThere(segment.path)
        await closeFile(segment.fd)
      } catch {
        this.#ended.push(segment)
      }
    }
  }
}

function makeRoom(segment: Segment, length: number): void {
  const missing = segment.size + length - segment.room
  if (missing <= 0) return
  const more = Math.max(missing, Math.min(MOST_ROOM, Math.max(LEAST_ROOM, segment.size)))
  writeAt(segment, Buffer.alloc(more), segment.room)
  segment.room += more
}

function writeAt({ fd }: Segment, bytes: Buffer, start: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(fd, bytes, done, bytes.length - done, start + done)
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await removeFile(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
