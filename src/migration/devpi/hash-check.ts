/** What devpi says of a file's content by hashes, held against the bytes. */
import { createHash, getHashes } from 'node:crypto'

const computable = new Set(getHashes().map((name) => name.toLowerCase()))

export const isComputable = (algorithm: string): boolean => computable.has(algorithm)

/** Computes, beside what else reads them, the hashes that a file must have; those that cannot be computed here say nothing. */
export class HashCheck {
  readonly #expected: Readonly<Record<string, string>>
  readonly #running = new Map<string, ReturnType<typeof createHash>>()

  constructor(expected: Readonly<Record<string, string>>) {
    this.#expected = expected
    // SHA-256 is computed by the store in any case.
    for (const algorithm of Object.keys(expected)) {
      if (algorithm !== 'sha256' && isComputable(algorithm)) {
        this.#running.set(algorithm, createHash(algorithm))
      }
    }
  }

  update(chunk: Uint8Array): void {
    for (const hash of this.#running.values()) hash.update(chunk)
  }

  /** What is wrong, as a sentence's end; undefined where all is right. */
  findProblem(sha256: string): string | undefined {
    for (const [algorithm, expected] of Object.entries(this.#expected)) {
      const found = algorithm === 'sha256' ? sha256 : this.#running.get(algorithm)?.digest('hex')
      if (found !== undefined && found !== expected)
        return `its ${algorithm} is ${found}, and should be ${expected}`
    }
    return undefined
  }
}
