/**
 * What hides files from installers. A policy is set on an index and covers all that this index offers: its own files
 * and those of its bases. Where several indexes of an inheritance have policies, a file must pass all of those that
 * cover it: bases are asked before those that inherit from them, each judges what its bases leave, and on each index they
 * are asked in the order of the hooks. The first that objects is named, unless another objects for longer.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '#base/clock'
import { sha256 } from '#base/digest'
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { eachInTurn } from '#python/steps'
import { Findings, type Finding } from './findings.ts'
import type { FileFact, LinkFilter, LinkRule, Objection, OptionKind } from './hooks.ts'
import { listResolutionOrder } from './inheritance.ts'
import type { IndexEntry, IndexName, NamedIndex } from './indexes.ts'
import type { Link } from './links.ts'
import { invalid } from './option-values.ts'
import { pythonRepr } from './python-text.ts'

export type { Finding }

export interface Judgement {
  /** Whether any index of the order has a policy: files are then served where the policies can be enforced. */
  readonly isPoliced: boolean
  readonly hidden: ReadonlyMap<Link, Finding>
  /** What policies would hide that are only rehearsed (`policy_mode=observe`). */
  readonly observed: ReadonlyMap<Link, Finding>
  /** When time alone makes another answer, in milliseconds. */
  readonly until: number | undefined
}

/** An index that has policies, as those see it. */
interface View extends Pick<Prepared, 'isObserved' | 'rules'> {
  readonly index: IndexName
  /** The index and all that it inherits from. */
  readonly below: ReadonlySet<IndexName>
}

interface Prepared {
  readonly isObserved: boolean
  readonly reads: readonly FileFact[]
  readonly rules: readonly { readonly policy: string; readonly rule: LinkRule }[]
}

const MOST_PREPARED = 1000
/** Characters of all options of these: a lock file is long. */
const MOST_TEXT = 64 * 1024 * 1024

const observing: OptionKind<boolean> = {
  doc: '`observe`: record what the policies of this index would hide, and hide nothing. Else `enforce`.',
  input: { kind: 'choice', words: ['enforce', 'observe'] },
  store(value, name) {
    const text = typeof value === 'string' ? value.toLowerCase() : value
    if (text === 'enforce' || text === 'observe') return text
    throw invalid(
      `'${name}' option must be 'enforce' or 'observe', not ${pythonRepr(value).slice(0, 100)}`,
    )
  },
  parse: (stored) => stored === 'observe',
}

export class Policies {
  readonly #filters: readonly LinkFilter[]
  readonly #clock: Clock
  readonly #prepared = new LRUCache<string, Prepared>({ max: MOST_PREPARED, maxSize: MOST_TEXT })
  /** An entry that is large is the same object each time it is read. */
  readonly #byEntry = new WeakMap<IndexEntry, Prepared>()
  /** The options that policies add to each kind of index. */
  readonly options: Readonly<Record<string, OptionKind>>

  constructor(filters: readonly LinkFilter[], clock: Clock) {
    this.#filters = filters
    this.#clock = clock
    this.options = Object.assign(
      { policy_mode: observing },
      ...filters.map(({ options }) => options),
    ) as Record<string, OptionKind>
  }

  /** Milliseconds. */
  now(): number {
    return this.#clock.now()
  }

  /** Another number means that what was judged before may be judged otherwise now. */
  get revision(): number {
    return this.#filters.reduce((sum, { revision }) => sum + (revision?.() ?? 0), 0)
  }

  /** Whether any of the indexes has a policy. */
  isPoliced(order: readonly NamedIndex[]): boolean {
    return order.some(({ entry }) => this.#prepare(entry).rules.length > 0)
  }

  /** What the policies of any of the indexes look at that upstreams may not tell. */
  reads(order: readonly NamedIndex[]): ReadonlySet<FileFact> {
    return new Set(order.flatMap(({ entry }) => this.#prepare(entry).reads))
  }

  /** What of the links is hidden from whoever asks the first index of the order. */
  async judge(
    tx: ReadTransaction,
    order: readonly NamedIndex[],
    { project, links }: { readonly project: ProjectName; readonly links: readonly Link[] },
  ): Promise<Judgement> {
    const now = this.#clock.now()
    const findings = new Findings()
    const views = await this.#listViews(tx, order)
    for (const { index, isObserved, rules, below } of views) {
      const covered = links.filter((link) => below.has(link.index))
      // What is hidden for a time may be hidden here for longer.
      const passing = isObserved ? [] : findings.passingAmong(covered)
      let left = findings.leftBy(below, covered)
      for (const { policy, rule } of rules) {
        const check = rule({ index, project, links: left, now })
        const kept: Link[] = []
        await eachInTurn(left, (link) => {
          const objection = check(link)
          if (!objection) return void kept.push(link)
          const finding = { ...objection, index, policy }
          if (isObserved) findings.observe(link, finding)
          else findings.hide(link, finding)
        })
        await eachInTurn(passing, (link) => {
          const objection = check(link)
          if (objection) findings.hide(link, { ...objection, index, policy })
        })
        left = kept
      }
    }
    const { hidden, observed, until } = findings
    return { isPoliced: views.length > 0, hidden, observed, until }
  }

  /** The indexes that have policies, bases before those that inherit from them. */
  async #listViews(tx: ReadTransaction, order: readonly NamedIndex[]): Promise<readonly View[]> {
    const views: View[] = []
    for (const [at, { name: index, entry }] of order.entries()) {
      const { isObserved, rules } = this.#prepare(entry)
      if (rules.length === 0) continue
      const covered = at === 0 ? order : await listResolutionOrder(tx, index)
      views.push({ index, isObserved, rules, below: new Set(covered.map(({ name }) => name)) })
    }
    // Who inherits from an index covers all that it covers, and itself.
    return views.toReversed().toSorted((a, b) => a.below.size - b.below.size)
  }

  #prepare(entry: IndexEntry): Prepared {
    const set = entry as unknown as Readonly<Record<string, unknown>>
    const names = Object.keys(this.options).filter((name) => set[name] !== undefined)
    if (names.length === 0) return nothing
    const before = this.#byEntry.get(entry)
    if (before) return before
    const text = JSON.stringify(names.map((name) => [name, set[name]]))
    const key = sha256(text)
    const prepared = this.#prepared.get(key) ?? this.#prepareAnew(set, names)
    this.#prepared.set(key, prepared, { size: text.length })
    this.#byEntry.set(entry, prepared)
    return prepared
  }

  #prepareAnew(set: Readonly<Record<string, unknown>>, names: readonly string[]): Prepared {
    const parsed = Object.fromEntries(
      names.map((name) => [name, this.options[name]?.parse(set[name])]),
    )
    const reads: FileFact[] = []
    const rules = this.#filters.flatMap(({ name: policy, options, prepare, ...filter }) => {
      const own = Object.entries(parsed).filter(([name]) => Object.hasOwn(options, name))
      const given = Object.fromEntries(own)
      const rule = own.length > 0 ? prepare(given) : undefined
      if (rule) reads.push(...(filter.reads?.(given) ?? []))
      return rule ? [{ policy, rule }] : []
    })
    return { isObserved: parsed.policy_mode === true, reads, rules }
  }
}

/** The reason of an objection, and when it ends if time alone ends it. */
export function describeEnd({ reason, until }: Objection): string {
  return until === undefined ? reason : `${reason}, until ${new Date(until).toISOString()}`
}

const nothing: Prepared = { isObserved: false, reads: [], rules: [] }
