/** What a document knows by name while it is read: reference names, identifiers, footnotes, substitutions. */
import { collapse, makeId, normalizeName } from './characters.ts'
import { makeElement, type Element } from './nodes.ts'
import { Budget, RstProblem } from './problem.ts'

/** A role that the document defines, or the one that counts where none is named. */
export interface CustomRole {
  readonly base: string
  readonly classes: readonly string[]
  readonly language?: string
}

interface Name {
  /** None where two have the name, so that nobody can refer to it. */
  node: Element | undefined
  explicit: boolean
}

/** Identifiers begin with this, as on PyPI, so that none is that of a page's own part. */
const idPrefix = 'user-content-'

export class Registry {
  readonly root: Element = makeElement('document')
  readonly budget = new Budget()
  readonly autoFootnotes: Element[] = []
  readonly autoReferences: Element[] = []
  readonly symbolFootnotes: Element[] = []
  readonly symbolReferences: Element[] = []
  readonly roles = new Map<string, CustomRole>()
  readonly #names = new Map<string, Name>()
  readonly #ids = new Set<string>()
  readonly #counters = new Map<string, number>()
  readonly #substitutions = new Map<string, Element>()
  readonly #foldedSubstitutions = new Map<string, string>()

  /** Gives the node an identifier, made from its names where that is possible. */
  setId(node: Element, word: string = node.kind): string {
    const present = node.ids?.[0]
    if (present !== undefined) return present
    const id = this.#chooseId(node.names ?? [], word)
    this.#ids.add(id)
    node.ids = [id]
    return id
  }

  #chooseId(names: readonly string[], word: string): string {
    let last = ''
    for (const name of names) {
      last = makeId(`x${name}`).slice(1)
      if (last !== '' && !this.#ids.has(idPrefix + last)) return idPrefix + last
    }
    const prefix = `${idPrefix}${last === '' ? word : last}-`
    let count = this.#counters.get(prefix) ?? 0
    do count++
    while (this.#ids.has(prefix + count))
    this.#counters.set(prefix, count)
    return prefix + count
  }

  /** Makes a node known by its names; `explicit` are those that the author chose to be referred to. */
  addTarget(node: Element, explicit: boolean): void {
    this.setId(node)
    for (const name of node.names ?? []) {
      const present = this.#names.get(name)
      if (present) this.#addAgain(present, node, { name, explicit })
      else this.#names.set(name, { node, explicit })
    }
  }

  #addAgain(present: Name, node: Element, { name, explicit }: { name: string; explicit: boolean }) {
    const { node: old, explicit: oldExplicit } = present
    present.explicit ||= explicit
    if (old && leadsTheSame(old, node)) return
    if (explicit && oldExplicit) {
      throw new RstProblem(`The target name "${name}" is there twice.`, node.line)
    }
    if (explicit) present.node = node
    else if (!oldExplicit) present.node = undefined
  }

  hasName(name: string): boolean {
    return this.#names.has(name)
  }

  /** What has the name; undefined where two have it. */
  findName(name: string): Element | undefined {
    return this.#names.get(name)?.node
  }

  addSubstitution(definition: Element, name: string): void {
    const exact = collapse(name)
    if (this.#substitutions.has(exact)) {
      throw new RstProblem(`The substitution "${exact}" is there twice.`, definition.line)
    }
    this.#substitutions.set(exact, definition)
    this.#foldedSubstitutions.set(normalizeName(name), exact)
  }

  findSubstitution(name: string): Element | undefined {
    const folded = this.#foldedSubstitutions.get(name.toLowerCase()) ?? ''
    return this.#substitutions.get(name) ?? this.#substitutions.get(folded)
  }
}

function leadsTheSame(one: Element, other: Element): boolean {
  if (other.refname !== undefined && other.refname === one.refname) return true
  return other.uri !== undefined && other.uri === one.uri
}
