/** Puts in place of each substitution reference what is defined for it. */
import { textOf, type Element, type Node } from './nodes.ts'
import { RstProblem } from './problem.ts'
import type { Registry } from './registry.ts'

/** docutils takes no longer ones. */
const longest = 10_000

/** What a copied node costs, so that definitions that name each other cannot make a text huge. */
const copyCost = 20

export function substitute(registry: Registry): void {
  const substituter = new Substituter(registry)
  substituter.expand(registry.root)
}

class Substituter {
  readonly #registry: Registry
  readonly #open = new Set<Element>()
  readonly #done = new Set<Element>()

  constructor(registry: Registry) {
    this.#registry = registry
  }

  expand(node: Element): void {
    if (node.kind === 'substitution-definition') return this.#expandDefinition(node)
    this.#expandChildren(node)
  }

  #expandDefinition(definition: Element): void {
    if (this.#done.has(definition)) return
    if (this.#open.has(definition)) {
      throw new RstProblem('A substitution refers to itself.', definition.line)
    }
    this.#open.add(definition)
    this.#registry.budget.nest(definition.line ?? 1, () => this.#expandChildren(definition))
    this.#open.delete(definition)
    this.#done.add(definition)
  }

  #expandChildren(node: Element): void {
    const isAnyThere = node.children.some((child) => child.kind === 'substitution-reference')
    const children: Node[] = []
    let isTrimmed = false
    for (const child of node.children) {
      if (child.kind === 'substitution-reference') {
        const { copy, trim } = this.#replace(child)
        const before = children.at(-1)
        if ((trim === 'left' || trim === 'both') && before?.kind === 'text') {
          before.text = before.text.trimEnd()
        }
        children.push(...copy)
        isTrimmed = trim === 'right' || trim === 'both'
        continue
      }
      if (child.kind !== 'text') this.expand(child)
      else if (isTrimmed) child.text = child.text.trimStart()
      children.push(child)
      isTrimmed = false
    }
    if (isAnyThere) node.children = children
  }

  #replace(reference: Element): { copy: Node[]; trim: string | undefined } {
    const definition = this.#registry.findSubstitution(reference.refname ?? '')
    if (!definition) {
      throw new RstProblem(
        `The substitution "${reference.refname}" is not defined.`,
        reference.line,
      )
    }
    this.#expandDefinition(definition)
    if (textOf(definition).length > longest) {
      throw new RstProblem(`The substitution "${reference.refname}" is too long.`, definition.line)
    }
    const copy = definition.children.map((child) => this.#copy(child))
    return { copy, trim: definition.options?.['trim'] }
  }

  #copy(node: Node): Node {
    this.#registry.budget.spend(copyCost + (node.kind === 'text' ? node.text.length : 0))
    if (node.kind === 'text') return { ...node }
    return { ...node, children: node.children.map((child) => this.#copy(child)) }
  }
}
