/** Substitution definitions: `.. |name| directive:: …`. */
import { collapse, escapeToNull, isWhitespace, SIMPLE_NAME } from './characters.ts'
import type { Substitution } from './directive.ts'
import { runDirective } from './directives.ts'
import { takeIndented, trimStart, type Block } from './lines.ts'
import { makeElement, walk, type Element } from './nodes.ts'
import { currentLine, lineNumber, type Cursor } from './parser.ts'
import { RstProblem } from './problem.ts'

const begin = /^\.\. +\|(?![ ]|$)/
const directive = new RegExp(`^(${SIMPLE_NAME})::(?: +|$)`, 'u')

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

/** The name may go on over several lines. It ends at a bar before a space or the end of a line. */
function splitName(content: Block): { name: string; rest: Block } {
  const lines = content.lines.map((line) => escapeToNull(line.trim()))
  const text = lines.join(' ')
  const bar = findBar(text)
  if (bar === undefined) throw new RstProblem('This substitution has no name.', content.first)
  let i = 0
  let end = lines[0]?.length ?? 0
  while (end < bar) end += 1 + (lines[++i]?.length ?? 0)
  // Escapes are as long as what they stand for, so that the rest can be cut from the line as it was.
  const behind = (content.lines[i] ?? '').trim()
  const rest = behind.slice(behind.length - (end - bar - 1)).trim()
  const block = { lines: end === bar + 1 ? [] : [rest], first: content.first + i }
  const all = [...block.lines, ...content.lines.slice(i + 1)]
  const first = block.first + (block.lines.length === 0 ? 1 : 0)
  return { name: text.slice(0, bar), rest: trimStart({ lines: all, first }) }
}

function findBar(text: string): number | undefined {
  for (let at = text.indexOf('|'); at >= 0; at = text.indexOf('|', at + 1)) {
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
