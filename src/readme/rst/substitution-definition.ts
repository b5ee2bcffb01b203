/** Substitution definitions: `.. |name| directive:: …`. */
import { collapse, escapeToNull, isWhitespace } from './characters.ts'
import type { Substitution } from './directive.ts'
import { runDirective } from './directives.ts'
import { takeIndented, trimStart, type Block } from './lines.ts'
import { makeElement, walk, type Element } from './nodes.ts'
import { currentLine, lineNumber, type Cursor } from './parser.ts'
import { RstProblem } from './problem.ts'

const begin = /^\.\. +\|(?![ ]|$)/
const directive = /^([\p{L}\p{N}]+(?:[-._+:][\p{L}\p{N}]+)*)::(?: +|$)/u

export function readSubstitution(cursor: Cursor): { blankFinish: boolean } | undefined {
  const found = begin.exec(currentLine(cursor))
  if (!found) return undefined
  const line = lineNumber(cursor)
  const rule = { first: found[0].length, keepIndent: true }
  const content = takeIndented(cursor.block, cursor.at, rule)
  const { name, rest } = splitName(content)
  const substitution: Substitution = { name: collapse(name), trim: '' }
  const nodes = runEmbedded(cursor, rest, substitution)
  const options = { trim: substitution.trim }
  const definition = makeElement('substitution-definition', nodes, { line, options })
  for (const node of walk(definition)) refuseUnfit(node, line)
  cursor.parser.registry.addSubstitution(definition, name)
  cursor.parent.children.push(definition)
  cursor.at = content.end
  return content
}

function splitName(content: Block): { name: string; rest: Block } {
  let text = ''
  for (const [i, each] of content.lines.entries()) {
    const from = text.length
    text += (i === 0 ? '' : ' ') + escapeToNull(each.trim())
    const bar = findBar(text, from)
    if (bar === undefined) continue
    const tail = (content.lines[i] ?? '').trim()
    const behind = tail.slice(tail.length - (text.length - bar - 1)).trim()
    const lines = [behind, ...content.lines.slice(i + 1)]
    return { name: text.slice(0, bar), rest: trimStart({ lines, first: content.first + i }) }
  }
  throw new RstProblem('This substitution has no name.', content.first)
}

function findBar(text: string, from: number): number | undefined {
  for (let at = text.indexOf('|', from); at >= 0; at = text.indexOf('|', at + 1)) {
    const before = text[at - 1]
    const next = text[at + 1]
    const isEnd = next === undefined || next === ' '
    if (isEnd && before !== undefined && before !== '\0' && !isWhitespace(before)) return at
  }
  return undefined
}

function runEmbedded(cursor: Cursor, rest: Block, substitution: Substitution): Element['children'] {
  const { name } = substitution
  const first = rest.lines[0]?.trim() ?? ''
  const found = directive.exec(first)
  if (!found) throw new RstProblem(`The substitution "${name}" is empty.`, rest.first)
  const block = { ...rest, lines: [first, ...rest.lines.slice(1)] }
  const content = takeIndented(block, 0, { first: found[0].length, keepTop: true })
  if (!content.blankFinish || content.end < block.lines.length) {
    throw new RstProblem(`The substitution "${name}" goes on behind its directive.`, rest.first)
  }
  const nodes = runDirective(cursor, { name: found[1] ?? '', content, substitution })
  const isInline = nodes.every((node) => node.kind === 'text' || inlineKinds.has(node.kind))
  if (!isInline || nodes.length === 0) {
    throw new RstProblem(
      `The substitution "${name}" holds nothing that stands in a line.`,
      rest.first,
    )
  }
  return nodes
}

const inlineKinds: ReadonlySet<string> = new Set([
  ...['image', 'reference', 'emphasis', 'strong', 'literal', 'inline', 'subscript', 'superscript'],
  ...['title-reference', 'abbreviation', 'math', 'substitution-reference', 'citation-reference'],
  ...['footnote-reference', 'target', 'inline-target'],
])

function refuseUnfit(node: Element, line: number): void {
  if (node.kind === 'substitution-definition') return
  const isUnfit = node.anonymous === true || node.auto !== undefined || node.ids !== undefined
  if (isUnfit || node.names !== undefined) {
    throw new RstProblem('A substitution cannot hold targets and numbered notes.', line)
  }
}
