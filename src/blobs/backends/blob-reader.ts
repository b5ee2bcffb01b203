/** Reads a part of an open file as a stream: in large pieces for who takes them quickly, in small ones for who does not. */
import { closeSync, read } from 'node:fs'
import { Readable } from 'node:stream'
import {
  HUGE_PIECE,
  LARGE_PIECE,
  mayTakeHuge,
  recyclePiece,
  SMALL_PIECE,
  takePiece,
  takesHugeNoMore,
  type Recycling,
} from '#base/pieces'

/** Who asks for the next piece sooner than this has none of the last one waiting. */
const FAST_MS = 20

export interface Part {
  readonly start: number
  /** Of the first byte behind it. */
  readonly end: number
}

/** Closes the file at its end, or when it is destroyed. A file that turns out to be shorter ends sooner. */
export class BlobReader extends Readable implements Recycling {
  readonly #fd: number
  readonly #end: number
  #at: number
  #handedAt = -Infinity
  #isReading = false
  #takesHuge = false
  #isGivenBack = false
  #afterwards: (() => void) | undefined

  constructor(fd: number, { start, end }: Part) {
    // The next piece is read when the last one is gone.
    super({ highWaterMark: 1 })
    this.#fd = fd
    this.#at = start
    this.#end = end
  }

  recycle(chunk: Uint8Array): void {
    this.#isGivenBack = true
    recyclePiece(chunk)
  }

  override _read(): void {
    const length = Math.min(this.#pieceSize(), this.#end - this.#at)
    if (length <= 0) {
      this.push(null)
      return
    }
    this.#isReading = true
    const piece = takePiece(length)
    read(this.#fd, piece, 0, length, this.#at, (error, count) => {
      this.#isReading = false
      if (this.#afterwards) this.#afterwards()
      else if (error) this.destroy(error)
      else this.#hand(piece, count)
    })
  }

  /** A slow reader costs about two small ones; of those that are quick, want much and give back what they had a few get huge ones. */
  #pieceSize(): number {
    const isFast = performance.now() - this.#handedAt < FAST_MS
    const isHuge = isFast && this.#isGivenBack && this.#end - this.#at >= HUGE_PIECE
    if (isHuge && !this.#takesHuge) this.#takesHuge = mayTakeHuge()
    // Who has taken some may be stuck with them: others get theirs once it is done.
    if (isHuge && this.#takesHuge) return HUGE_PIECE
    return isFast ? LARGE_PIECE : SMALL_PIECE
  }

  #takeHugeNoMore(): void {
    if (this.#takesHuge) takesHugeNoMore()
    this.#takesHuge = false
  }

  #hand(piece: Buffer, count: number): void {
    this.#at += count
    this.#handedAt = performance.now()
    this.push(count === 0 ? null : piece.subarray(0, count))
    // Saves a turn for the end.
    if (count > 0 && this.#at >= this.#end) this.push(null)
  }

  /** Not while a read is under way: the number of the file could be another one's by then. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#takeHugeNoMore()
    const finish = (): void => {
      try {
        closeSync(this.#fd)
        done(error)
      } catch (cause) {
        done(error ?? (cause as Error))
      }
    }
    if (this.#isReading) this.#afterwards = finish
    else finish()
  }
}
