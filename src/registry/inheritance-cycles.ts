/** Indexes that inherit from each other in a circle. */
import type { GraphEdge } from './inheritance-graph.ts'
import type { IndexName } from './indexes.ts'

/** Groups whose members all lead to each other, and single ones that lead to themselves, each sorted by name. */
export function findCycles(
  names: readonly IndexName[],
  edges: readonly GraphEdge[],
): (readonly IndexName[])[] {
  const next = Map.groupBy(edges, ({ index }) => index)
  const basesOf = (name: IndexName): readonly IndexName[] =>
    (next.get(name) ?? []).map(({ base }) => base)
  return listComponents(names, basesOf)
    .filter((group) => group.length > 1 || basesOf(group[0] ?? '').includes(group[0] ?? ''))
    .map((group) => group.toSorted())
    .toSorted(([a = ''], [b = '']) => Number(a > b) - Number(a < b))
}

interface Visit {
  readonly name: IndexName
  readonly bases: readonly IndexName[]
  at: number
}

/** Tarjan's strongly connected components, without recursion: a chain of bases may be long. */
function listComponents(
  names: readonly IndexName[],
  basesOf: (name: IndexName) => readonly IndexName[],
): IndexName[][] {
  const order = new Map<IndexName, number>()
  const lowest = new Map<IndexName, number>()
  const open: IndexName[] = []
  const isOpen = new Set<IndexName>()
  const groups: IndexName[][] = []

  const enter = (name: IndexName): Visit => {
    order.set(name, order.size)
    lowest.set(name, order.size - 1)
    open.push(name)
    isOpen.add(name)
    return { name, bases: basesOf(name), at: 0 }
  }
  const lower = (name: IndexName, to: number): void => {
    lowest.set(name, Math.min(lowest.get(name) ?? to, to))
  }
  const leave = (name: IndexName): void => {
    if (lowest.get(name) !== order.get(name)) return
    const group = open.splice(open.lastIndexOf(name))
    for (const member of group) isOpen.delete(member)
    groups.push(group)
  }

  for (const start of names) {
    if (order.has(start)) continue
    const visits = [enter(start)]
    for (let visit = visits.at(-1); visit; visit = visits.at(-1)) {
      const base = visit.bases[visit.at++]
      if (base === undefined) {
        visits.pop()
        leave(visit.name)
        const above = visits.at(-1)
        if (above) lower(above.name, lowest.get(visit.name) ?? 0)
      } else if (!order.has(base)) visits.push(enter(base))
      else if (isOpen.has(base)) lower(visit.name, order.get(base) ?? 0)
    }
  }
  return groups
}
