/**
 * The frames of a stream between a primary and its replica, or of a bundle, each signed for its place in it:
 *
 * ```text
 * kind      1 byte    H hello, C change, B beat; in bundles also N blob, P piece of a blob, E end; Q question and A
 *                     answer of members stand alone
 * length    4 bytes   of the payload, big-endian
 * signature 32 bytes  HMAC-SHA256 by the stream's key over number, kind and payload
 * payload
 * ```
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { WireProblem } from './change-text.ts'

export type FrameKind = 'H' | 'C' | 'B' | 'N' | 'P' | 'E' | 'Q' | 'A'

const streamKinds = 'HCB'
export const bundleKinds = 'HNPCE'
export const memberKinds = 'QA'

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

  write(kind: FrameKind, content: string | Uint8Array): Buffer {
    const length = Buffer.byteLength(content)
    if (length > LARGEST_PAYLOAD) throw new WireProblem(`${length} bytes are too much for a frame`)
    const frame = Buffer.allocUnsafe(HEAD + length)
    frame.write(kind, 0, 'latin1')
    frame.writeUInt32BE(length, 1)
    if (typeof content === 'string') frame.write(content, HEAD)
    else frame.set(content, HEAD)
    sign(this.#key, this.#number++, kind, frame.subarray(HEAD)).copy(frame, 5)
    return frame
  }
}

/** Takes the stream as it comes, in pieces of any size; holds no more than one frame that is not whole. */
export class FrameReader {
  readonly #key: Uint8Array
  readonly #kinds: string
  #number = 0
  #pieces: Uint8Array[] = []
  #size = 0
  /** How much must be here before it is worth a look. */
  #wanted = HEAD

  /** `kinds`: those that there may be. */
  constructor(key: Uint8Array, kinds = streamKinds) {
    this.#key = key
    this.#kinds = kinds
  }

  /** The frames that this piece makes whole. Throws `WireProblem` for one that was not sent so. */
  push(piece: Uint8Array): Frame[] {
    return [...this.pull(piece)]
  }

  /** The same one by one: those before a wrong one are given. All must be taken before the next piece. */
  *pull(piece: Uint8Array): Generator<Frame, void, void> {
    this.#pieces.push(piece)
    this.#size += piece.length
    if (this.#size < this.#wanted) return

    const bytes = this.#pieces.length === 1 ? asBuffer(piece) : Buffer.concat(this.#pieces)
    let start = 0
    this.#wanted = HEAD
    while (bytes.length - start >= this.#wanted) {
      const end = start + HEAD + lengthAt(bytes, start, this.#kinds)
      if (bytes.length < end) {
        this.#wanted = end - start
        break
      }
      yield this.#read(bytes.subarray(start, end))
      start = end
    }
    this.#pieces = start === bytes.length ? [] : [bytes.subarray(start)]
    this.#size = bytes.length - start
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
    if (!isRight) throw new WireProblem('a frame is not signed with our secret for this place')
    return { kind: kind as FrameKind, payload }
  }
}

function lengthAt(bytes: Buffer, start: number, kinds: string): number {
  const kind = bytes.toString('latin1', start, start + 1)
  const length = bytes.readUInt32BE(start + 1)
  if (!kinds.includes(kind) || length > LARGEST_PAYLOAD) {
    throw new WireProblem('a frame begins with what no frame begins with')
  }
  return length
}

function sign(key: Uint8Array, number: number, kind: string, payload: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${number} ${kind} `).update(payload).digest()
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
