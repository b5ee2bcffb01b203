/** Who may read which index: those whom `acl_read` names, of the index itself and of all that it inherits from. */
import type { Identity } from '#base/identity'
import type { ReadTransaction } from '#ledger/transaction'
import { mayReadOwn } from './access.ts'
import type { Bases, IndexGraph, Inheriting } from './index-graph.ts'
import type { IndexName } from './indexes.ts'

export type MayRead = (index: IndexName) => boolean

/** Who is kept from what, at one time. */
export interface ReadingLimits {
  /** Nobody is kept from anything. */
  readonly isOpen: boolean
  isThere(index: IndexName): boolean
  isLimited(index: IndexName): boolean
  /** An index that is not there is kept from nobody. */
  mayRead(index: IndexName, who: Identity): boolean
}

type Limited = readonly [name: IndexName, limits: NonNullable<Inheriting['readers']>]

export class Reading {
  readonly #graph: IndexGraph
  #revision = -1
  #limits: ReadingLimits = everything

  constructor(graph: IndexGraph) {
    this.#graph = graph
  }

  /** At once where no index has changed since the last call. */
  now(): ReadingLimits | Promise<ReadingLimits> {
    const bases = this.#graph.peek()
    return bases ? this.#of(bases) : this.#graph.current().then((current) => this.#of(current))
  }

  /** What somebody may read; undefined: all. What is made with it in this transaction is dropped when an index changes. */
  async seenBy(who: Identity, tx?: ReadTransaction): Promise<MayRead | undefined> {
    const bases = await (tx ? this.#graph.currentFor(tx) : this.#graph.current())
    const limits = this.#of(bases)
    return limits.isOpen ? undefined : (index) => limits.mayRead(index, who)
  }

  #of(bases: Bases): ReadingLimits {
    if (this.#revision !== this.#graph.revision) {
      this.#limits = limitsOf(bases)
      this.#revision = this.#graph.revision
    }
    return this.#limits
  }
}

const everything: ReadingLimits = {
  isOpen: true,
  isThere: () => true,
  isLimited: () => false,
  mayRead: () => true,
}

/** True until an index changes: what is worked out is kept. */
function limitsOf({ indexes }: Bases): ReadingLimits {
  if (![...indexes.values()].some(({ readers }) => readers)) return everything
  const known = new Map<IndexName, readonly Limited[]>()

  function find(index: IndexName): readonly Limited[] {
    const found = known.get(index) ?? walk(index)
    known.set(index, found)
    return found
  }

  function walk(index: IndexName): readonly Limited[] {
    const seen = new Set([index])
    for (const name of seen) for (const base of indexes.get(name)?.bases ?? []) seen.add(base)
    return [...seen].flatMap((name): Limited[] => {
      const readers = indexes.get(name)?.readers
      return readers ? [[name, readers]] : []
    })
  }

  return {
    isOpen: false,
    isThere: (index) => indexes.has(index),
    isLimited: (index) => find(index).length > 0,
    mayRead: (index, who) => find(index).every(([name, limits]) => mayReadOwn(name, limits, who)),
  }
}
