/** What the policies of several indexes object to, while they are asked one after the other. */
import type { Objection } from './hooks.ts'
import type { IndexName } from './indexes.ts'
import type { Link } from './links.ts'

/** An objection, and whose it is. */
export interface Finding extends Objection {
  /** The index on which the policy is set. */
  readonly index: IndexName
  readonly policy: string
}

export class Findings {
  readonly #hidden = new Map<Link, Finding>()
  readonly #observed = new Map<Link, Finding>()
  readonly #byIndex = new Map<IndexName, Set<Link>>()
  #until = Infinity

  /** Of links that are hidden already, the finding that lasts longest counts: of equals the first. */
  hide(link: Link, finding: Finding): void {
    this.#noteEnd(finding)
    const own = this.#byIndex.get(finding.index) ?? new Set()
    this.#byIndex.set(finding.index, own.add(link))
    const before = this.#hidden.get(link)
    if (!before || endOf(finding) > endOf(before)) this.#hidden.set(link, finding)
  }

  /** What a policy would hide that is only rehearsed. */
  observe(link: Link, finding: Finding): void {
    this.#noteEnd(finding)
    if (!this.#observed.has(link)) this.#observed.set(link, finding)
  }

  #noteEnd(finding: Finding): void {
    this.#until = Math.min(this.#until, endOf(finding))
  }

  /** Those of the links that none of the indexes hides. */
  leftBy(indexes: ReadonlySet<IndexName>, links: readonly Link[]): readonly Link[] {
    const hidden = [...this.#byIndex].flatMap(([index, own]) => (indexes.has(index) ? [own] : []))
    return hidden.length === 0
      ? links
      : links.filter((link) => !hidden.some((own) => own.has(link)))
  }

  /** Those of the links that are hidden for a time. */
  passingAmong(links: readonly Link[]): readonly Link[] {
    if (this.#hidden.size === 0) return []
    return links.filter((link) => this.#hidden.get(link)?.until !== undefined)
  }

  get hidden(): ReadonlyMap<Link, Finding> {
    return this.#hidden
  }

  /** Of what is not hidden. */
  get observed(): ReadonlyMap<Link, Finding> {
    return new Map([...this.#observed].filter(([link]) => !this.#hidden.has(link)))
  }

  /** When the first of them ends, in milliseconds. */
  get until(): number | undefined {
    return this.#until === Infinity ? undefined : this.#until
  }
}

const endOf = ({ until = Infinity }: Finding): number => until
