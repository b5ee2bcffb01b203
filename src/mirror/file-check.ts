/** Compares a file that comes in with everything upstream said of it: its length and all its hashes. */
import { blake2b } from '@noble/hashes/blake2.js'
import { createHash } from 'node:crypto'
import { UpstreamFailure } from '#base/failure'
import type { Sha256 } from '#blobs/blob-store'

interface Hashing {
  update(chunk: Uint8Array): unknown
  hex(): string
}

export interface Expected {
  readonly hashes: Readonly<Record<string, string>>
  readonly size: number | undefined
}

const nodeAlgorithms = new Set(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'])

export class FileCheck {
  readonly #expected: Expected
  readonly #sha256 = startNodeHash('sha256')
  /** By algorithm as listed; one that nobody knows cannot be checked. */
  readonly #others: ReadonlyMap<string, Hashing>
  #size = 0

  constructor(expected: Expected) {
    this.#expected = expected
    this.#others = new Map(
      Object.entries(expected.hashes).flatMap(([algorithm, hex]) => {
        const hashing = algorithm === 'sha256' ? undefined : startHash(algorithm, hex)
        return hashing ? [[algorithm, hashing] as const] : []
      }),
    )
  }

  update(chunk: Uint8Array): void {
    this.#size += chunk.length
    if (this.#size > (this.#expected.size ?? Infinity)) {
      throw new UpstreamFailure(
        `upstream sent more than the ${this.#expected.size} bytes announced`,
      )
    }
    this.#sha256.update(chunk)
    for (const hashing of this.#others.values()) hashing.update(chunk)
  }

  /** To be called once, after the last byte. */
  finish(): { readonly digest: Sha256; readonly size: number } {
    const { hashes, size = this.#size } = this.#expected
    if (this.#size !== size) {
      throw new UpstreamFailure(`upstream sent ${this.#size} bytes instead of ${size}`)
    }
    const digest = this.#sha256.hex()
    const found = [['sha256', digest] as const, ...[...this.#others].map(hexOf)]
    for (const [algorithm, hex] of found) {
      const listed = hashes[algorithm]?.toLowerCase()
      if (listed !== undefined && listed !== hex) {
        throw new UpstreamFailure(`the ${algorithm} of what upstream sent is ${hex}, not ${listed}`)
      }
    }
    return { digest, size }
  }
}

function hexOf([algorithm, hashing]: [string, Hashing]): readonly [string, string] {
  return [algorithm, hashing.hex()]
}

/** BLAKE2b goes by one name in two lengths. */
function startHash(algorithm: string, hex: string): Hashing | undefined {
  if (nodeAlgorithms.has(algorithm)) return startNodeHash(algorithm)
  if (!/^blake2b(?:_?256|_?512)?$/.test(algorithm)) return undefined
  if (hex.length === 128) return startNodeHash('blake2b512')
  if (hex.length !== 64) return undefined
  const hashing = blake2b.create({ dkLen: 32 })
  return {
    update: (chunk) => hashing.update(chunk),
    hex: () => Buffer.from(hashing.digest()).toString('hex'),
  }
}

function startNodeHash(algorithm: string): Hashing {
  const hashing = createHash(algorithm)
  return { update: (chunk) => hashing.update(chunk), hex: () => hashing.digest('hex') }
}
