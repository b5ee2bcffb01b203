/** Inline markup: a text to nodes. */
import { escapeToNull, isPair, normalizeName, restoreEscapes, unescape } from './characters.ts'
import { findEnd, type Construct, type Place } from './inline-construct.ts'
import { interpreted } from './inline-interpreted.ts'
import { footnoteReference, simpleReference, substitution } from './inline-reference.ts'
import { findStart, type Start } from './inline-start.ts'
import { makeElement, makeText, type Element, type Node } from './nodes.ts'
import { inlineCost } from './problem.ts'
import type { Registry } from './registry.ts'
import { linkAddresses } from './standalone.ts'

/** Reads the text, in which backslashes escape, and makes its names and references known. */
export function parseInline(registry: Registry, text: string, line: number): Node[] {
  const place: Place = { registry, text: escapeToNull(text), line }
  const nodes: Node[] = []
  let printed = 0
  let origin = 0
  for (let start = findStart(place.text, 0); start; start = findStart(place.text, origin)) {
    if (isQuoted(place.text, start, origin)) {
      origin = start.to
      continue
    }
    const construct = readConstruct(place, start)
    registry.budget.spend(inlineCost)
    addText(nodes, place, [printed, start.from])
    nodes.push(...construct.nodes)
    origin = construct.end
    printed = origin
  }
  addText(nodes, place, [printed, place.text.length])
  return nodes
}

function addText(nodes: Node[], { registry, text }: Place, [from, to]: [number, number]): void {
  for (const node of linkAddresses(text.slice(from, to))) {
    if (node.kind !== 'text') registry.budget.spend(inlineCost)
    nodes.push(node)
  }
}

function isQuoted(text: string, { kind, from, to, role }: Start, origin: number): boolean {
  if (from === origin || role !== undefined || kind === 'reference' || kind === 'footnote') {
    return false
  }
  const behind = text[to]
  return behind === undefined || isPair(text[from - 1] ?? '', behind)
}

function readConstruct(place: Place, start: Start): Construct {
  switch (start.kind) {
    case 'reference':
      return { nodes: [simpleReference(place, start)], end: start.to }
    case 'footnote':
      return { nodes: [footnoteReference(place, start)], end: start.to }
    case '`':
      return interpreted(place, start)
    case '|':
      return substitution(place, start)
    case '_`':
      return inlineTarget(place, start)
    case '``': {
      const { content, end } = findEnd(place, start, '``')
      return { nodes: [literal(content)], end }
    }
    default: {
      const { content, end } = findEnd(place, start, start.kind)
      const kind = start.kind === '*' ? 'emphasis' : 'strong'
      return { nodes: [makeElement(kind, [makeText(content)])], end }
    }
  }
}

/** In literals backslashes stand for themselves. */
function literal(content: string): Element {
  return makeElement('literal', [makeText(restoreEscapes(content))])
}

function inlineTarget(place: Place, start: Start): Construct {
  const { content, end } = findEnd(place, start, '`')
  const names = [normalizeName(unescape(content))]
  const node = makeElement('inline-target', [makeText(content)], { names, line: place.line })
  place.registry.addTarget(node, true)
  return { nodes: [node], end }
}
