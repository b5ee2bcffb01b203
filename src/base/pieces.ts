/**
 * Memory that files are read into, piece by piece, and that is used again once nobody needs the piece any more. Memory from
 * outside of the engine's heap that is new each time makes it collect garbage over and over.
 */

export const SMALL_PIECE = 64 * 1024
export const LARGE_PIECE = 128 * 1024
/** Costs least by the byte, and is for a few at a time. */
export const HUGE_PIECE = 1024 * 1024

/** Held back for the next ones, of each size. */
const MOST_FREE: Readonly<Record<number, number>> = {
  [SMALL_PIECE]: 32,
  [LARGE_PIECE]: 32,
  [HUGE_PIECE]: 8,
}
/** Each may have a piece that is being filled, and one on its way. */
const MOST_HUGE_USERS = 8
let hugeUsers = 0
/** Less than this comes from memory that is shared anyway. */
const TINY = 4096

const free: Readonly<Record<number, ArrayBufferLike[]>> = {
  [SMALL_PIECE]: [],
  [LARGE_PIECE]: [],
  [HUGE_PIECE]: [],
}
/** What was taken and has not come back: nothing else is, and nothing twice. */
const taken = new WeakSet<ArrayBufferLike>()

/** A stream whose chunks may be given back by who is done with them; whoever keeps them gives none back. */
export interface Recycling {
  /** The chunk will be overwritten: nobody may look at it from now on. */
  recycle(chunk: Uint8Array): void
}

/** Whether the caller may take huge pieces, until it says that it takes no more. */
export function mayTakeHuge(): boolean {
  if (hugeUsers >= MOST_HUGE_USERS) return false
  hugeUsers++
  return true
}

/** To be called once for each time that `mayTakeHuge` said yes. */
export function takesHugeNoMore(): void {
  hugeUsers--
}

/** Room for so many bytes, of any content; `HUGE_PIECE` at most. */
export function takePiece(length: number): Buffer {
  if (length <= TINY) return Buffer.allocUnsafe(length)
  const size = [SMALL_PIECE, LARGE_PIECE].find((one) => length <= one) ?? HUGE_PIECE
  const memory = free[size]?.pop() ?? Buffer.allocUnsafeSlow(size).buffer
  taken.add(memory)
  return Buffer.from(memory, 0, length)
}

/** Gives back what `takePiece` gave, or a part of it. */
export function recyclePiece(chunk: Uint8Array): void {
  const memory = chunk.buffer
  if (!taken.delete(memory)) return
  const list = free[memory.byteLength]
  if (list && list.length < MOST_FREE[memory.byteLength]!) list.push(memory)
}

export const isRecycling = (stream: object): stream is Recycling => 'recycle' in stream
