/** Inline markup: a text to nodes. */
import {
  collapse,
  escapeToNull,
  isPair,
  isWhitespace,
  mayFollow,
  normalizeName,
  restoreEscapes,
  unescape,
} from './characters.ts'
import { findStart, type Start } from './inline-start.ts'
import { makeElement, makeText, type Element, type Node } from './nodes.ts'
import { makePhraseReference } from './phrase-reference.ts'
import { inlineCost, RstProblem } from './problem.ts'
import type { Registry } from './registry.ts'
import { makeInterpreted } from './roles.ts'
import { linkAddresses } from './standalone.ts'

interface Place {
  readonly registry: Registry
  readonly text: string
  readonly line: number
}

interface Construct {
  readonly nodes: readonly Node[]
  readonly end: number
}

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

/** The content up to the first end-string that may be one. */
function findEnd(
  { text, line }: Place,
  { to }: Start,
  mark: string,
): { content: string; end: number } {
  const escapes = mark !== '``'
  for (let at = text.indexOf(mark, to); at >= 0; at = text.indexOf(mark, at + 1)) {
    const before = text[at - 1] ?? ''
    if (isWhitespace(before) || (escapes && before === '\0')) continue
    if (!mayFollow(text[at + mark.length])) continue
    if (at > to) return { content: text.slice(to, at), end: at + mark.length }
    break
  }
  throw new RstProblem(`There is no end for the inline markup that begins with ${mark}.`, line)
}

function simpleReference({ line }: Place, { name = '', anonymous }: Start): Element {
  const node = makeElement('reference', [makeText(name)], { line })
  if (anonymous === true) node.anonymous = true
  else node.refname = normalizeName(name)
  return node
}

function footnoteReference({ registry, line }: Place, { name = '' }: Start): Element {
  const label = normalizeName(name)
  if (!/^([0-9]+$|#|\*)/.test(label)) {
    const citation = makeElement('citation-reference', [makeText(name)], { refname: label, line })
    registry.setId(citation)
    return citation
  }
  const node = makeElement('footnote-reference', [], { line })
  registry.setId(node)
  if (label === '*') {
    node.auto = 'symbol'
    registry.symbolReferences.push(node)
  } else if (label.startsWith('#')) {
    node.auto = 'number'
    registry.autoReferences.push(node)
    if (label !== '#') node.refname = label.slice(1)
  } else {
    node.children.push(makeText(name))
    node.refname = label
  }
  return node
}

function inlineTarget(place: Place, start: Start): Construct {
  const { content, end } = findEnd(place, start, '`')
  const names = [normalizeName(unescape(content))]
  const node = makeElement('inline-target', [makeText(content)], { names, line: place.line })
  place.registry.addTarget(node, true)
  return { nodes: [node], end }
}

function substitution(place: Place, start: Start): Construct {
  const { text, line } = place
  for (let at = text.indexOf('|', start.to); at >= 0; at = text.indexOf('|', at + 1)) {
    const before = text[at - 1]
    if (isWhitespace(before) || before === '\0') continue
    const underscores = ['__', '_', ''].find(
      (mark) => text.startsWith(mark, at + 1) && mayFollow(text[at + 1 + mark.length]),
    )
    if (underscores === undefined) continue
    if (at === start.to) break
    const end = at + 1 + underscores.length
    return { nodes: [substituted(text.slice(start.to, at), underscores, line)], end }
  }
  throw new RstProblem('There is no end for the substitution that begins with |.', line)
}

function substituted(content: string, underscores: string, line: number): Element {
  const name = unescape(content)
  const refname = collapse(name)
  const node = makeElement('substitution-reference', [makeText(content)], { refname, line })
  if (underscores === '') return node
  const reference = makeElement('reference', [node], { line })
  if (underscores === '__') reference.anonymous = true
  else reference.refname = normalizeName(name)
  return reference
}

const suffix = /`(:[\p{L}\p{N}]+(?:[-._+:][\p{L}\p{N}]+)*:)?(__?)?/uy

/** Interpreted text with or without a role, or a reference of several words. */
function interpreted(place: Place, start: Start): Construct {
  const { text, line, registry } = place
  for (let at = text.indexOf('`', start.to); at >= 0; at = text.indexOf('`', at + 1)) {
    if (!endsContent(text, at)) continue
    const ending = readSuffix(text, at)
    if (!ending) continue
    if (at === start.to) break
    const content = text.slice(start.to, at)
    const role = start.role ?? ending.role
    if (ending.underscores !== '') {
      if (role !== undefined) throw new RstProblem('A reference cannot have a role.', line)
      const anonymous = ending.underscores === '__'
      const nodes = makePhraseReference(registry, content, { anonymous, line })
      return { nodes, end: ending.end }
    }
    if (start.role !== undefined && ending.role !== undefined) {
      throw new RstProblem('Interpreted text has two roles.', line)
    }
    return { nodes: [makeInterpreted(registry, content, { role, line })], end: ending.end }
  }
  throw new RstProblem('There is no end for the text that begins with a backquote.', line)
}

/** An escaped space may stand before the end, any other white space may not. */
function endsContent(text: string, at: number): boolean {
  const before = text[at - 1]
  return (before !== '\0' && !isWhitespace(before)) || text[at - 2] === '\0'
}

function readSuffix(
  text: string,
  at: number,
): { role?: string; underscores: string; end: number } | undefined {
  suffix.lastIndex = at
  const [, role = '', underscores = ''] = suffix.exec(text) ?? []
  const named = at + 1 + role.length
  for (const length of [underscores.length, 1, 0]) {
    if (length > underscores.length || !mayFollow(text[named + length])) continue
    const end = named + length
    return {
      underscores: underscores.slice(0, length),
      end,
      ...(role === '' ? {} : { role: role.slice(1, -1) }),
    }
  }
  if (role === '') return undefined
  // The colon of what looked like a role may be punctuation behind the text: `this`:that:
  return { underscores: '', end: at + 1 }
}
