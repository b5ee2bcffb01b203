/** Body elements: which construct a line begins. */
import { readAnonymousTargets, readExplicit } from './explicit.ts'
import {
  currentLine,
  isBlankAt,
  lineNumber,
  requireBlankFinish,
  type Cursor,
  type Parser,
} from './parser.ts'
import { readFieldList } from './field-list.ts'
import { readGridTable } from './grid-table.ts'
import { parseInline } from './inline.ts'
import { indentOf, takeIndented, type Block } from './lines.ts'
import { readLineBlock } from './line-block.ts'
import { readBulletList, readEnumeratedList } from './lists.ts'
import { readDoctest } from './literal.ts'
import { readOptionList } from './option-list.ts'
import { blockCost, RstProblem } from './problem.ts'
import { readBlockQuotes } from './block-quote.ts'
import type { Registry } from './registry.ts'
import { readSimpleTable } from './simple-table.ts'
import { isRule, readDefinitionList, readParagraph } from './text.ts'
import { readOverlined, readUnderlined, Sections } from './sections.ts'

type Reader = (cursor: Cursor) => boolean

/** In the order in which a line is tried; each leaves the cursor alone where it says no. */
const readers: readonly Reader[] = [
  readBulletList,
  readEnumeratedList,
  readFieldList,
  readOptionList,
  readDoctest,
  readLineBlock,
  readGridTable,
  readSimpleTable,
  readExplicit,
  readAnonymousTargets,
]

/** Reads the whole text into the registry's root. */
export function parseDocument(parser: Parser, block: Block): void {
  const { root } = parser.registry
  const sections = new Sections(root)
  const cursor: Cursor = { parser, block, at: 0, parent: root }
  while (cursor.at < block.lines.length) readNext(cursor, sections)
}

export function makeParser(registry: Registry): Parser {
  const parser: Parser = {
    registry,
    parseInline: (text, line) => parseInline(registry, text, line),
    parseBody(block, parent) {
      registry.budget.spend(blockCost + block.lines.length)
      registry.budget.nest(block.first, () => {
        const cursor: Cursor = { parser, block, at: 0, parent }
        while (cursor.at < block.lines.length) readNext(cursor, undefined)
      })
    },
  }
  return parser
}

/** Sections are there only where they may begin: not inside other elements. */
function readNext(cursor: Cursor, sections: Sections | undefined): void {
  const line = currentLine(cursor)
  if (line.trim() === '') {
    cursor.at++
    return
  }
  cursor.parser.registry.budget.spend(blockCost)
  if (line[0] === ' ') return readQuotes(cursor)
  if (readers.some((read) => read(cursor))) return
  if (isRule(line)) {
    if (sections ? readOverlined(cursor, sections) : refuseRule(cursor)) return
  }
  readText(cursor, sections)
}

/** Where a title or a transition cannot be, a long rule is a mistake and a short one is text. */
function refuseRule(cursor: Cursor): boolean {
  const rule = currentLine(cursor).trim()
  if (rule.length < 4) return false
  throw new RstProblem('There can be no title and no transition here.', lineNumber(cursor))
}

function readText(cursor: Cursor, sections: Sections | undefined): void {
  const next = cursor.block.lines[cursor.at + 1] ?? ''
  if (isBlankAt(cursor.block, cursor.at + 1)) return readParagraph(cursor)
  if (indentOf(next) > 0) return readDefinitionList(cursor)
  if (isRule(next) && readUnderlined(cursor, sections)) return
  readParagraph(cursor)
}

function readQuotes(cursor: Cursor): void {
  const quoted = takeIndented(cursor.block, cursor.at, {})
  cursor.parent.children.push(...readBlockQuotes(cursor.parser, quoted))
  cursor.at = quoted.end
  requireBlankFinish(quoted, cursor, 'Block quote')
}
