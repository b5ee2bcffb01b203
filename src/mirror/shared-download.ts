/** One download for all processes of a server: how the one that fetches tells the others, and how they read along. */
import type { Readable } from 'node:stream'
import type { Heard, Told, Turn } from '#base/crew'
import { UpstreamFailure } from '#base/failure'
import { FollowedFile } from '#base/followed-file'
import type { ByteRange, Sha256 } from '#blobs/blob-store'
import { tellFailure, throwTold } from './outcome.ts'

/** What is told of a file that is on its way. */
export interface Growing {
  /** Where it is written: on the disk that all processes share. */
  readonly path: string
  /** How long it will be, where that is known. */
  readonly size: number | undefined
  /** How long it is. */
  readonly length: number
  /** Whose download it is. */
  readonly name: string
}

/** A file that came in. */
export interface Arrived {
  readonly digest: Sha256
  readonly size: number
  readonly uploadedAt?: string | undefined
}

/** A message costs as much as copying some of the file. */
const TOLD_BYTES = 256 * 1024
const TOLD_MS = 10

/** The part of the one that fetches. */
export class DownloadNews {
  readonly #turn: Turn
  /** A file of this process that was read along with a download which another one began. */
  readonly #along: FollowedFile | undefined
  #growing: Growing | undefined
  #told = 0
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  constructor(turn: Turn, along?: FollowedFile) {
    this.#turn = turn
    this.#along = along
  }

  async begin(growing: Growing): Promise<void> {
    this.#growing = growing
    await this.#along?.continueIn(growing.path)
    this.#tell()
  }

  grew(length: number): void {
    if (!this.#growing) return
    this.#growing = { ...this.#growing, length }
    this.#along?.grow(length)
    if (length - this.#told >= TOLD_BYTES) this.#tell()
    else this.#timer ??= setTimeout(() => this.#tell(), TOLD_MS)
  }

  kept(arrived: Arrived): void {
    const { digest, size, uploadedAt } = arrived
    const name = this.#growing?.name
    this.#end({ kept: { digest, size, uploadedAt }, name })
    this.#along?.finish(size)
  }

  failed(error: unknown): void {
    const told = tellFailure(error)
    this.#end(told && { ...told, name: this.#growing?.name })
    this.#along?.fail(error instanceof Error ? error : new UpstreamFailure(String(error)))
  }

  #tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#growing) return
    this.#told = this.#growing.length
    this.#turn.tell(this.#growing)
  }

  /** Whatever comes after it, the first end counts. */
  #end(outcome: Told): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#growing = undefined
    this.#turn.end(outcome)
  }
}

/** What waiting for a turn came to first. */
export type Joined =
  | { readonly kind: 'own'; readonly turn: Turn }
  | { readonly kind: 'arrived'; readonly arrived: Arrived; readonly name: string | undefined }
  | { readonly kind: 'growing'; readonly file: JoinedFile }

/** A download of another process that is read along. */
export interface JoinedFile {
  readonly size: number | undefined
  readonly name: string
  read(range?: ByteRange): Readable
  /** To be called once it is kept, or that has failed. */
  close(): void
  /** Resolves once it is kept here, by whichever process. */
  readonly kept: Promise<Arrived>
}

/** `takeOver` fetches it anew, where the process that did so has ended: `along` are those who have read a part of it. */
export async function joinDownload(
  enter: (onNews: (news: Told) => void) => Promise<Turn | Heard>,
  takeOver: (turn: Turn, along: FollowedFile) => Promise<Arrived>,
): Promise<Joined> {
  const first = Promise.withResolvers<Growing>()
  let last: Growing | undefined
  let file: FollowedFile | undefined
  const given = enter((news) => {
    last = news as Growing
    file?.grow(last.length)
    first.resolve(last)
  })
  const growing = await Promise.race([first.promise, given])
  if ('kind' in growing) return atOnce(growing)
  file = await FollowedFile.open(growing.path, growing.size)
  if (!file) return atOnce(await given) // it has just come to its end
  file.grow(last?.length ?? 0)
  const along = file
  const kept = given.then((end) => endOf(end, along, takeOver))
  kept.catch(() => {}) // its readers are told, and whoever waits for it
  const { size, name } = growing
  const read = (range?: ByteRange): Readable => along.read(range)
  return { kind: 'growing', file: { size, name, read, close: () => along.close(), kept } }
}

function atOnce(given: Turn | Heard): Joined {
  if (given.kind === 'own') return { kind: 'own', turn: given }
  return { kind: 'arrived', ...arrivedIn(given.outcome) }
}

async function endOf(
  end: Turn | Heard,
  along: FollowedFile,
  takeOver: (turn: Turn, along: FollowedFile) => Promise<Arrived>,
): Promise<Arrived> {
  if (end.kind === 'own') return takeOver(end, along)
  try {
    const { arrived } = arrivedIn(end.outcome)
    along.finish(arrived.size)
    return arrived
  } catch (error) {
    along.fail(error as Error)
    throw error
  }
}

function arrivedIn(outcome: Told): { arrived: Arrived; name: string | undefined } {
  throwTold(outcome)
  const { kept, name } = outcome as { kept: Arrived; name?: string }
  return { arrived: kept, name }
}
