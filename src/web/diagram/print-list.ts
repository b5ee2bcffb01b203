/** What a diagram shows as lists, for who does not see it: bases within bases, and who inherits within who inherits. */
import { escapeHtml } from '#python/html-escape'
import type { InheritanceGraph } from '#registry/inheritance-graph'
import type { IndexName } from '#registry/indexes'

type Next = (name: IndexName) => readonly IndexName[]

export function printList(graph: InheritanceGraph, address: (index: IndexName) => string): string {
  const kinds = new Map(graph.nodes.map(({ name, kind }) => [name, kind]))
  const byIndex = Map.groupBy(graph.edges, ({ index }) => index)
  const byBase = Map.groupBy(graph.edges, ({ base }) => base)
  const basesOf: Next = (name) => (byIndex.get(name) ?? []).map(({ base }) => base)
  const heirsOf: Next = (name) => (byBase.get(name) ?? []).map(({ index }) => index)

  if (graph.viewed === undefined) return printTree(rootsOf(), basesOf, new Set(), 'ul')
  const seen = (): Set<IndexName> => new Set([graph.viewed ?? ''])
  const bases = printTree(basesOf(graph.viewed), basesOf, seen(), 'ol')
  const heirs = printTree(heirsOf(graph.viewed), heirsOf, seen(), 'ul')
  return [
    bases === '' ? '<p>It has no bases.</p>' : `<p>Bases, in their order:</p>${bases}`,
    heirs === '' ? '<p>No index inherits from it.</p>' : `<p>Inherited by:</p>${heirs}`,
  ].join('\n')

  /** From whom nobody inherits; in a circle that is nobody, so that the others follow. */
  function rootsOf(): IndexName[] {
    const names = graph.nodes.map(({ name }) => name)
    const free = names.filter((name) => !byBase.has(name))
    return [...free, ...names.filter((name) => byBase.has(name) && !reachedFrom(free).has(name))]
  }

  function reachedFrom(names: readonly IndexName[]): Set<IndexName> {
    const reached = new Set(names)
    for (const name of reached) for (const base of basesOf(name)) reached.add(base)
    return reached
  }

  /** Each index is opened once, where it is met first. */
  function printTree(
    names: readonly IndexName[],
    next: Next,
    open: Set<IndexName>,
    list: 'ol' | 'ul',
  ): string {
    if (names.length === 0) return ''
    const items = names.map((name) => {
      const isNew = !open.has(name)
      open.add(name)
      const others = next(name)
      const below = isNew ? printTree(others, next, open, list) : ''
      const note = !isNew && others.length > 0 ? ', see above' : ''
      return `<li>${printName(name, note)}${below}</li>`
    })
    return `<${list}>${items.join('\n')}</${list}>`
  }

  function printName(name: IndexName, note: string): string {
    const kind = kinds.get(name) ?? 'missing'
    const shown = escapeHtml(name)
    const link = kind === 'missing' ? shown : `<a href="${escapeHtml(address(name))}">${shown}</a>`
    return `${link} (${kind}${note})`
  }
}
