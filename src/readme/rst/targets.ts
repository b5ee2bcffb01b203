/** Hyperlink targets: `.. _name: address`, `.. _name: other_`, `.. _name:`, and the anonymous ones. */
import {
  collapse,
  escapeToNull,
  isWhitespace,
  joinAddress,
  normalizeName,
  SIMPLE_NAME,
  unescape,
} from './characters.ts'
import { takeIndented } from './lines.ts'
import { makeElement, type Element } from './nodes.ts'
import { currentLine, lineNumber, type Cursor } from './parser.ts'
import { addMailScheme } from './phrase-reference.ts'
import { RstProblem } from './problem.ts'

const begin = /^\.\. +_(?![ ]|$)/
const simpleReference = new RegExp(`^${SIMPLE_NAME}_$`, 'u')

/** Where something leads: an address or the name of another target; neither for the next element. */
export type Lead = { readonly uri: string } | { readonly refname: string } | Record<string, never>

export function readTarget(cursor: Cursor): { blankFinish: boolean } | undefined {
  const found = begin.exec(currentLine(cursor))
  if (!found) return undefined
  const rule = { first: found[0].length, untilBlank: true, keepIndent: true }
  const content = takeIndented(cursor.block, cursor.at, rule)
  const line = lineNumber(cursor)
  const { name, rest } = splitName(content.lines.map(escapeToNull), line)
  addTarget(cursor, name, rest)
  cursor.at = content.end
  return content
}

export function readAnonymousTarget(cursor: Cursor): { blankFinish: boolean } {
  const width = /^__ */.exec(currentLine(cursor))?.[0].length ?? 2
  const content = takeIndented(cursor.block, cursor.at, { first: width, untilBlank: true })
  addTarget(cursor, undefined, content.lines.map(escapeToNull))
  cursor.at = content.end
  return content
}

function addTarget(cursor: Cursor, name: string | undefined, rest: readonly string[]): void {
  const { registry } = cursor.parser
  const line = lineNumber(cursor)
  const target: Element = makeElement('target', [], { ...readLead(rest), line })
  if (name === undefined) {
    target.anonymous = true
    registry.setId(target)
  } else {
    target.names = [normalizeName(unescape(name))]
    if (target.uri !== undefined) target.uri = addMailScheme(target.uri)
    registry.addTarget(target, true)
  }
  cursor.parent.children.push(target)
}

/** What stands behind the name, over all its lines. */
export function readLead(lines: readonly string[]): Lead {
  const text = collapse(lines.join(' '))
  const isPhrase = /^`[^ ].*`_$/s.test(text) && !'\0 '.includes(text.at(-3) ?? ' ')
  if (isPhrase && text.length > 3) return { refname: normalizeName(unescape(text.slice(1, -2))) }
  if (simpleReference.test(text)) return { refname: normalizeName(unescape(text.slice(0, -1))) }
  const uri = joinAddress(lines.join(' '))
  return uri === '' ? {} : { uri }
}

/** The name may go on over several lines. It ends at a colon before a space or the end of a line. */
function splitName(
  lines: readonly string[],
  line: number,
): { name: string | undefined; rest: string[] } {
  const text = lines.join('')
  let end = 0
  for (const [i, each] of lines.entries()) {
    const from = end
    end += each.length
    const colon = findColon(text, from, end)
    if (colon === undefined) continue
    const rest = [text.slice(colon + 1, end).trim(), ...lines.slice(i + 1)]
    return { name: nameBefore(text, colon), rest }
  }
  throw new RstProblem('This target has no name.', line)
}

function findColon(text: string, from: number, end: number): number | undefined {
  for (let at = from; at < end; at++) {
    if (text[at] !== ':' || (at + 1 < end && text[at + 1] !== ' ')) continue
    if (isNameEnd(text, at)) return at
  }
  return undefined
}

/** A space may stand before the colon; nothing there is escaped, and a quoted name is closed. */
function isNameEnd(text: string, colon: number): boolean {
  const end = text[colon - 1] === ' ' ? colon - 1 : colon
  const last = text[end - 1]
  if (last === undefined || last === '\0' || isWhitespace(last)) return false
  if (last === ':' && text[end - 2] !== '\0') return false
  if (text[0] === '_') return end === 1
  if (text[0] !== '`') return true
  const before = text[end - 2]
  return last === '`' && end > 2 && before !== '\0' && !isWhitespace(before) && !/^`[ `]/.test(text)
}

function nameBefore(text: string, colon: number): string | undefined {
  const name = text.slice(0, colon).replace(/ $/, '')
  if (name === '_') return undefined
  return name.startsWith('`') ? name.slice(1, -1) : name
}
