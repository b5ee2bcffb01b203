/** What generated stories are about: a few indexes of their own, and the files that were sent to them so far. */
import { makeSdist, makeWheel, makeZip, type Distribution } from '../support/wheel.ts'
import type { Step } from './step.ts'
import { urlOf } from './telling.ts'

export const roles = ['ann', 'ben', 'root', 'nobody', 'wrong'] as const
export type Role = (typeof roles)[number]

export const project = (number: number): string => ['pkg', 'other'][number % 2]!
export const version = (number: number): string => ['1.0', '2.0', '3.0a1'][number % 3]!

interface Sent {
  readonly file: Distribution
  readonly index: string
  readonly name: string
  readonly version: string
}

/** Names of one run, and the files that were made in it: no two of them have the same bytes. */
export class World {
  readonly #run: number
  readonly #files: Sent[] = []
  #docs = 0

  constructor(run: number) {
    this.#run = run
  }

  index(number: number): string {
    return [`ann/a${this.#run}`, `ann/b${this.#run}`, `ben/c${this.#run}`][number % 3]!
  }

  user(number: number): string {
    return `user${this.#run}-${number % 2}`
  }

  newFile(a: number, b: number, c: number): Distribution {
    const content = `# ${this.#run} ${this.#files.length}\n`
    const make = b % 3 === 0 ? makeSdist : makeWheel
    const file = make(project(b), version(c), { content })
    this.#files.push({ file, index: this.index(a), name: project(b), version: version(c) })
    return file
  }

  /** Of one of the files so far, or one that may not be there. */
  release(b: number, c: number): Omit<Sent, 'file'> {
    const made = this.#files[b % (this.#files.length + 1)]
    const {
      index,
      name,
      version: number,
    } = made ?? {
      index: this.index(c),
      name: project(b),
      version: version(c),
    }
    return { index, name, version: number }
  }

  newDocs(): Buffer {
    return makeZip([{ name: 'index.html', content: `${this.#run} ${this.#docs++}` }])
  }

  /** Where one of the files so far was sent, or now and then where it was not; or a file that nobody made. */
  file(a: number, b: number): string {
    const made = this.#files[b % (this.#files.length + 1)]
    if (made === undefined) return urlOf(this.index(a), makeWheel('none', '1.0'))
    return urlOf(a % 4 === 0 ? this.index(a) : made.index, made.file)
  }

  sign(who: Role, step: Step): Step {
    if (who === 'nobody') return step
    return who === 'wrong' ? { ...step, as: 'ann', secret: 'wrong' } : { ...step, as: who }
  }

  signed(who: Role, make: (options: { as: string; secret?: string }) => Step): Step {
    if (who === 'nobody') return make({ as: '' })
    return make(who === 'wrong' ? { as: 'ann', secret: 'wrong' } : { as: who })
  }
}
