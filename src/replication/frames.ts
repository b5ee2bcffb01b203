/**
 * The frames of a stream between a primary and its replica, each signed for its place in this stream:
 *
 * ```text
 * kind      1 byte    H hello, C change, B beat
 * length    4 bytes   of the payload, big-endian
 * signature 32 bytes  HMAC-SHA256 by the stream's key over number, kind and payload
 * payload
 * ```
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { WireProblem } from './change-text.ts'

export type FrameKind = 'H' | 'C' | 'B'

export interface Frame {
  readonly kind: FrameKind
  readonly payload: Buffer
}

const HEAD = 1 + 4 + 32

/** No change is nearly as large; a length above it is none of ours. */
export const LARGEST_PAYLOAD = 256 * 1024 * 1024

export class FrameWriter {
  readonly #key: Uint8Array
  #number = 0

  constructor(key: Uint8Array) {
    this.#key = key
  }

  write(kind: FrameKind, text: string): Buffer {
    const length = Buffer.byteLength(text)
    if (length > LARGEST_PAYLOAD) throw new WireProblem(`${length} bytes are too much for a frame`)
    const frame = Buffer.allocUnsafe(HEAD + length)
    frame.write(kind, 0, 'latin1')
    frame.writeUInt32BE(length, 1)
    frame.write(text, HEAD)
    sign(this.#key, this.#number++, kind, frame.subarray(HEAD)).copy(frame, 5)
    return frame
  }
}

/** Takes the stream as it comes, in pieces of any size; holds no more than one frame that is not whole. */
export class FrameReader {
  readonly #key: Uint8Array
  #number = 0
  #pieces: Uint8Array[] = []
  #size = 0
  /** How much must be here before it is worth a look. */
  #wanted = HEAD

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** The frames that this piece makes whole. Throws `WireProblem` for one that was not sent so. */
  push(piece: Uint8Array): Frame[] {
    this.#pieces.push(piece)
    this.#size += piece.length
    if (this.#size < this.#wanted) return []

    const bytes = this.#pieces.length === 1 ? asBuffer(piece) : Buffer.concat(this.#pieces)
    const frames: Frame[] = []
    let start = 0
    this.#wanted = HEAD
    while (bytes.length - start >= this.#wanted) {
      const end = start + HEAD + lengthAt(bytes, start)
      if (bytes.length < end) {
        this.#wanted = end - start
        break
      }
      frames.push(this.#read(bytes.subarray(start, end)))
      start = end
    }
    this.#pieces = start === bytes.length ? [] : [bytes.subarray(start)]
    this.#size = bytes.length - start
    return frames
  }

  /** Nothing is left over: the stream ended between two frames. */
  get isBetweenFrames(): boolean {
    return this.#size === 0
  }

  #read(bytes: Buffer): Frame {
    const kind = bytes.toString('latin1', 0, 1)
    const payload = bytes.subarray(HEAD)
    const isRight = timingSafeEqual(
      bytes.subarray(5, HEAD),
      sign(this.#key, this.#number++, kind, payload),
    )
    if (!isRight) throw new WireProblem('a frame is not signed by our primary for this place')
    return { kind: kind as FrameKind, payload }
  }
}

function lengthAt(bytes: Buffer, start: number): number {
  const kind = bytes.toString('latin1', start, start + 1)
  const length = bytes.readUInt32BE(start + 1)
  if (!/[HCB]/.test(kind) || length > LARGEST_PAYLOAD) {
    throw new WireProblem('a frame begins with what no frame begins with')
  }
  return length
}

function sign(key: Uint8Array, number: number, kind: string, payload: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${number} ${kind} `).update(payload).digest()
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
