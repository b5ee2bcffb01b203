/** Finds for each reference where it leads. */
import { textOf, walk, type Element } from './nodes.ts'
import { RstProblem } from './problem.ts'
import type { Registry } from './registry.ts'

export function resolveReferences(registry: Registry): void {
  const nodes = [...walk(registry.root)]
  const anonymous = nodes.filter((node) => node.anonymous === true)
  pairAnonymous(
    registry,
    anonymous.filter(({ kind }) => kind === 'reference'),
    anonymous.filter(({ kind }) => kind === 'target'),
  )
  for (const node of nodes) {
    if (node.refname === undefined || node.refid !== undefined) continue
    if (node.kind === 'target') findEnd(registry, node)
    else if (referring.has(node.kind)) {
      lead(node, findEnd(registry, findNamed(registry, node.refname, node)))
    }
  }
}

const referring: ReadonlySet<string> = new Set([
  'reference',
  'footnote-reference',
  'citation-reference',
])

/** The first anonymous reference leads to the first anonymous target, and so on. */
function pairAnonymous(
  registry: Registry,
  references: readonly Element[],
  targets: readonly Element[],
): void {
  if (references.length !== targets.length) {
    throw new RstProblem(
      `There are ${references.length} anonymous references, and ${targets.length} targets.`,
    )
  }
  for (const [i, reference] of references.entries()) {
    const target = targets[i]
    if (target) lead(reference, findEnd(registry, target))
  }
}

function findNamed(registry: Registry, name: string, from: Element): Element {
  const found = registry.findName(name)
  if (found) return found
  const reason = registry.hasName(name) ? 'is there more than once' : 'is not there'
  throw new RstProblem(`The target "${name}" of "${textOf(from)}" ${reason}.`, from.line)
}

const hopCost = 20

/** Follows targets that lead to other targets. */
function findEnd(registry: Registry, start: Element): Element {
  let node = start
  const seen = new Set<Element>()
  for (;;) {
    registry.budget.spend(hopCost)
    if (seen.has(node)) throw new RstProblem('A target leads to itself.', start.line)
    seen.add(node)
    if (node.kind !== 'target' || node.uri !== undefined) return node
    if (node.refname !== undefined) node = findNamed(registry, node.refname, node)
    else if (node.next?.kind === 'target') node = node.next
    else return node
  }
}

function lead(reference: Element, end: Element): void {
  if (end.uri !== undefined && end.kind === 'target') {
    reference.uri = end.uri
    return
  }
  const id = end.ids?.[0]
  if (id === undefined) throw new RstProblem('A reference leads nowhere.', reference.line)
  delete reference.uri
  reference.refid = id
  if (end.kind !== 'footnote' && end.kind !== 'citation') return
  const [own] = reference.ids ?? []
  if (own !== undefined) end.backrefs = [...(end.backrefs ?? []), own]
}
