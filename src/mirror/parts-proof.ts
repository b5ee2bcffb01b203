/** Which parts of a file told what it holds: the whole of it, once it comes in, is held against them on its way. */
import { createHash } from 'node:crypto'
import type { Sha256 } from '#base/digest'
import type { FarFile } from '#python/wheel-end'

/** Small enough to be kept for every file. */
export interface PartsProof {
  /** First byte and length of each, in the order of the file. */
  readonly ranges: readonly (readonly [start: number, length: number])[]
  /** Of all their bytes, in this order. */
  readonly digest: Sha256
}

/** The same file, and a proof of all that was read of it. */
export function witnessed(file: FarFile): { readonly file: FarFile; prove(): PartsProof } {
  const parts = [{ start: file.size - file.tail.length, bytes: file.tail }]
  const read = async (position: number, length: number): Promise<Buffer> => {
    const bytes = await file.read(position, length)
    parts.push({ start: position, bytes })
    return bytes
  }
  return {
    file: { ...file, read },
    prove() {
      const sorted = parts.toSorted((a, b) => a.start - b.start)
      const hash = createHash('sha256')
      for (const { bytes } of sorted) hash.update(bytes)
      const ranges = sorted.map(({ start, bytes }) => [start, bytes.length] as const)
      return { ranges, digest: hash.digest('hex') }
    },
  }
}

/** Sees a file pass by from its start. */
export class PartsCheck {
  readonly #proof: PartsProof
  readonly #hash = createHash('sha256')
  #position = 0
  /** The range that comes next, or is passing. */
  #range = 0

  constructor(proof: PartsProof) {
    this.#proof = proof
  }

  update(chunk: Uint8Array): void {
    const end = this.#position + chunk.length
    for (;;) {
      const range = this.#proof.ranges[this.#range]
      if (!range || range[0] >= end) break
      const [start, length] = range
      const from = Math.max(start, this.#position)
      const to = Math.min(start + length, end)
      if (from < to) this.#hash.update(chunk.subarray(from - this.#position, to - this.#position))
      if (start + length > end) break
      this.#range++
    }
    this.#position = end
  }

  /** To be called once, at the end of the file: whether all of these parts are in it. */
  holds(): boolean {
    return (
      this.#range === this.#proof.ranges.length && this.#hash.digest('hex') === this.#proof.digest
    )
  }
}
