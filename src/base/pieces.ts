/**
 * Memory that files are read into, piece by piece, and that is used again once nobody needs the piece any more. Memory from
 * outside of the engine's heap that is new each time makes it collect garbage over and over.
 */

export const SMALL_PIECE = 64 * 1024
export const LARGE_PIECE = 128 * 1024

/** Held back for the next ones, of each size. */
const MOST_FREE = 32
/** Less than this comes from memory that is shared anyway. */
const TINY = 4096

const free: Readonly<Record<number, ArrayBufferLike[]>> = { [SMALL_PIECE]: [], [LARGE_PIECE]: [] }
/** What was taken and has not come back: nothing else is, and nothing twice. */
const taken = new WeakSet<ArrayBufferLike>()

/** A stream whose chunks may be given back by who is done with them; whoever keeps them gives none back. */
export interface Recycling {
  /** The chunk will be overwritten: nobody may look at it from now on. */
  recycle(chunk: Uint8Array): void
}

/** Room for so many bytes, of any content; `LARGE_PIECE` at most. */
export function takePiece(length: number): Buffer {
  if (length <= TINY) return Buffer.allocUnsafe(length)
  const size = length <= SMALL_PIECE ? SMALL_PIECE : LARGE_PIECE
  const memory = free[size]?.pop() ?? Buffer.allocUnsafeSlow(size).buffer
  taken.add(memory)
  return Buffer.from(memory, 0, length)
}

/** Gives back what `takePiece` gave, or a part of it. */
export function recyclePiece(chunk: Uint8Array): void {
  const memory = chunk.buffer
  if (!taken.delete(memory)) return
  const list = free[memory.byteLength]
  if (list && list.length < MOST_FREE) list.push(memory)
}

export const isRecycling = (stream: object): stream is Recycling => 'recycle' in stream
