/**
 * Goes through a tar as its bytes pass by, whatever is in it. Of extended headers only what it needs is read, and
 * members have bytes where Python's `tarfile` sees some.
 */
import { Header, Pax } from 'tar'
import { stopped } from './archive-listing.ts'

export interface TarHead {
  readonly name: string
  /** As `tar` names it: `File`, `SymbolicLink`, … */
  readonly type: string
  readonly size: number
  /** In milliseconds. */
  readonly modifiedAt: number | undefined
  readonly linkTo: string | undefined
}

/** Who takes the bytes of a member. A chunk is good until `take` returns. */
export interface MemberSink {
  take(chunk: Buffer): void
  end(): void
}

const BLOCK = 512
/** A larger one is work for nothing. */
const EXTENDED_BYTES = 64 * 1024
const longNames: Readonly<Record<string, 'path' | 'linkpath'>> = {
  NextFileHasLongPath: 'path',
  OldGnuLongPath: 'path',
  NextFileHasLongLinkpath: 'linkpath',
}
const extended = new Set(['ExtendedHeader', 'OldExtendedHeader', 'GlobalExtendedHeader'])
const withoutBytes = new Set([
  'Link',
  'SymbolicLink',
  'CharacterDevice',
  'BlockDevice',
  'FIFO',
  'Directory',
])

type Override = { path?: string; linkpath?: string; size?: number; mtime?: Date }

export class TarReader {
  /** A block of zeros came where a member could have started: nothing behind it counts. */
  isEnded = false
  readonly #onMember: (head: TarHead) => MemberSink
  readonly #block = Buffer.alloc(BLOCK)
  #filled = 0
  #left = 0
  #padding = 0
  #sink: MemberSink | undefined
  #override: Override = {}

  constructor(onMember: (head: TarHead) => MemberSink) {
    this.#onMember = onMember
  }

  /** Throws `ArchiveProblem`. */
  write(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.isEnded) {
      const rest = chunk.subarray(at)
      if (this.#left > 0) at += this.#takeBytes(rest)
      else if (this.#padding > 0) at += this.#skip(rest)
      else at += this.#fillBlock(rest)
    }
  }

  /** Throws `ArchiveProblem` where the archive stops in the middle of something. */
  end(): void {
    if (this.#left > 0 || this.#filled > 0) throw stopped('the archive is cut short')
  }

  #takeBytes(rest: Buffer): number {
    const bytes = rest.subarray(0, this.#left)
    this.#left -= bytes.length
    this.#sink?.take(bytes)
    if (this.#left === 0) this.#endMember()
    return bytes.length
  }

  #skip(rest: Buffer): number {
    const skipped = Math.min(this.#padding, rest.length)
    this.#padding -= skipped
    return skipped
  }

  #fillBlock(rest: Buffer): number {
    const copied = rest.copy(this.#block, this.#filled, 0, BLOCK - this.#filled)
    this.#filled += copied
    if (this.#filled === BLOCK) {
      this.#filled = 0
      this.#readHeader()
    }
    return copied
  }

  #readHeader(): void {
    const header = new Header(this.#block, 0, this.#override as Pax)
    if (header.nullBlock) {
      this.isEnded = true
      return
    }
    if (!header.cksumValid) throw stopped('the archive is damaged, or is no tar')
    const { type } = header
    const size = header.size ?? 0
    if (!Number.isSafeInteger(size)) throw stopped('a member of the archive has no right size')
    const isFurther = extended.has(type) || longNames[type] !== undefined
    const { sink, length } = isFurther ? this.#startExtended(type, size) : this.#start(header, size)
    this.#sink = sink
    this.#left = length
    this.#padding = (BLOCK - (length % BLOCK)) % BLOCK
    if (length === 0) this.#endMember()
  }

  #start(header: Header, size: number): { sink: MemberSink; length: number } {
    const { path = '', type, mtime } = header
    const linkpath = this.#override.linkpath ?? header.linkpath
    this.#override = {}
    const time = mtime?.getTime()
    const sink = this.#onMember({
      name: path,
      type,
      size: withoutBytes.has(type) ? 0 : size,
      modifiedAt: time === undefined || Number.isNaN(time) || time <= 0 ? undefined : time,
      linkTo: linkpath || undefined,
    })
    return { sink, length: withoutBytes.has(type) ? 0 : size }
  }

  #startExtended(type: string, size: number): { sink: MemberSink; length: number } {
    if (size > EXTENDED_BYTES) throw stopped('an extended header of the archive is too large')
    const chunks: Buffer[] = []
    const take = (chunk: Buffer): void => void chunks.push(Buffer.from(chunk))
    const end = (): void => this.#apply(type, Buffer.concat(chunks).toString())
    return { sink: { take, end }, length: size }
  }

  #apply(type: string, text: string): void {
    const long = longNames[type]
    if (long) this.#override[long] = text.replace(/\0.*$/s, '')
    else if (type !== 'GlobalExtendedHeader') {
      const { path, linkpath, size, mtime } = Pax.parse(text)
      const told = Object.entries({ path, linkpath, size, mtime })
      Object.assign(this.#override, Object.fromEntries(told.filter(([, one]) => one !== undefined)))
    }
  }

  #endMember(): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end()
  }
}
