/** Explicit markup, which begins with `..`: footnotes, targets, substitutions, directives, comments. */
import { normalizeName, SIMPLE_NAME } from './characters.ts'
import { runDirective } from './directives.ts'
import { takeIndented } from './lines.ts'
import { makeElement, type Element } from './nodes.ts'
import { currentLine, isBlankAt, lineNumber, requireBlankFinish, type Cursor } from './parser.ts'
import { blockCost, RstProblem } from './problem.ts'
import { readSubstitution } from './substitution-definition.ts'
import { readAnonymousTarget, readTarget } from './targets.ts'

const note = new RegExp(
  String.raw`^\.\. +\[([0-9]+|#(?:${SIMPLE_NAME})?|\*|${SIMPLE_NAME})\](?: +|$)`,
  'u',
)
const directive = new RegExp(String.raw`^\.\. +(${SIMPLE_NAME}) ?::(?: +|$)`, 'u')

type Reader = (cursor: Cursor) => { readonly blankFinish: boolean } | undefined

/** In the order in which they are tried; the last one takes all that is left. */
const readers: readonly Reader[] = [
  readNote,
  readTarget,
  readSubstitution,
  readDirective,
  readComment,
]

/** One construct after the other, as long as no blank line is between them. */
export function readExplicit(cursor: Cursor): boolean {
  return readSeries(cursor, isExplicit(currentLine(cursor)))
}

export function readAnonymousTargets(cursor: Cursor): boolean {
  return readSeries(cursor, isAnonymous(currentLine(cursor)))
}

function isExplicit(line: string): boolean {
  return /^\.\.(?: |$)/.test(line)
}

function isAnonymous(line: string): boolean {
  return /^__(?: |$)/.test(line)
}

function readSeries(cursor: Cursor, isThere: boolean): boolean {
  if (!isThere) return false
  let last = { blankFinish: true }
  while (!isBlankAt(cursor.block, cursor.at)) {
    const line = currentLine(cursor)
    if (isExplicit(line)) last = readOne(cursor)
    else if (isAnonymous(line)) last = readAnonymousTarget(cursor)
    else break
    if (last.blankFinish && isBlankAt(cursor.block, cursor.at)) return true
  }
  requireBlankFinish(last, cursor, 'Explicit markup')
  return true
}

function readOne(cursor: Cursor): { blankFinish: boolean } {
  for (const read of readers) {
    const result = read(cursor)
    if (result) return result
  }
  return { blankFinish: true }
}

/** A footnote or a citation. */
function readNote(cursor: Cursor): { blankFinish: boolean } | undefined {
  const found = note.exec(currentLine(cursor))
  if (!found) return undefined
  const { block, parser, parent } = cursor
  const line = lineNumber(cursor)
  const content = takeIndented(block, cursor.at, { first: found[0].length })
  if (content.lines.length === 0) throw new RstProblem('The note is empty.', line)
  parser.registry.budget.spend(blockCost)
  const node = makeNote(cursor, found[1] ?? '')
  parent.children.push(node)
  parser.parseBody(content, node)
  cursor.at = content.end
  return content
}

function makeNote(cursor: Cursor, label: string): Element {
  const { registry } = cursor.parser
  const line = lineNumber(cursor)
  const name = normalizeName(label)
  if (name === '*') {
    const node = makeElement('footnote', [], { auto: 'symbol', line })
    registry.setId(node)
    registry.symbolFootnotes.push(node)
    return node
  }
  if (name.startsWith('#')) {
    const node = makeElement('footnote', [], { auto: 'number', line })
    if (name !== '#') node.names = [name.slice(1)]
    registry.setId(node)
    registry.autoFootnotes.push(node)
    if (node.names) registry.addTarget(node, true)
    return node
  }
  const node = makeElement(/^[0-9]+$/.test(name) ? 'footnote' : 'citation', [], { line })
  node.children.push(makeElement('label', [{ kind: 'text', text: label }]))
  node.names = [name]
  registry.addTarget(node, true)
  return node
}

function readDirective(cursor: Cursor): { blankFinish: boolean } | undefined {
  const found = directive.exec(currentLine(cursor))
  if (!found) return undefined
  const content = takeIndented(cursor.block, cursor.at, { first: found[0].length, keepTop: true })
  const nodes = runDirective(cursor, { name: found[1] ?? '', content })
  cursor.parent.children.push(...nodes)
  cursor.at = content.end
  return { blankFinish: content.blankFinish || isBlankAt(cursor.block, cursor.at) }
}

function readComment(cursor: Cursor): { blankFinish: boolean } {
  const width = /^\.\. */.exec(currentLine(cursor))?.[0].length ?? 2
  const comment = makeElement('comment')
  cursor.parent.children.push(comment)
  if (currentLine(cursor).length <= width && isBlankAt(cursor.block, cursor.at + 1)) {
    comment.options = { empty: '' }
    cursor.at++
    return { blankFinish: true }
  }
  const content = takeIndented(cursor.block, cursor.at, { first: width })
  if (content.lines.length === 0) comment.options = { empty: '' }
  cursor.at = content.end
  return content
}
