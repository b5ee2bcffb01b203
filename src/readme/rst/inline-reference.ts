/** References of one word, and references to footnotes, citations and substitutions. */
import { collapse, isWhitespace, mayFollow, normalizeName, unescape } from './characters.ts'
import type { Construct, Place } from './inline-construct.ts'
import type { Start } from './inline-start.ts'
import { makeElement, makeText, type Element } from './nodes.ts'
import { RstProblem } from './problem.ts'

export function simpleReference({ line }: Place, { name = '', anonymous }: Start): Element {
  const node = makeElement('reference', [makeText(name)], { line })
  if (anonymous === true) node.anonymous = true
  else node.refname = normalizeName(name)
  return node
}

export function footnoteReference({ registry, line }: Place, { name = '' }: Start): Element {
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

export function substitution(place: Place, start: Start): Construct {
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
