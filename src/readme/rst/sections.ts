/** Sections: titles, how deep each style of title is, and transitions. */
import { columnWidth, normalizeName } from './characters.ts'
import { makeElement, textOf, type Element } from './nodes.ts'
import { currentLine, isBlankAt, lineNumber, type Cursor } from './parser.ts'
import { blockCost, RstProblem } from './problem.ts'
import { isRule } from './text.ts'

/** The styles in the order in which the text has used them first: that is how deep they are. */
export class Sections {
  readonly #styles: string[] = []
  readonly #open: Element[]

  constructor(root: Element) {
    this.#open = [root]
  }

  begin(cursor: Cursor, title: string, style: string): void {
    const line = lineNumber(cursor)
    cursor.parser.registry.budget.spend(blockCost)
    const known = this.#styles.indexOf(style)
    const level = known < 0 ? this.#styles.length + 1 : known + 1
    if (level > this.#open.length) throw new RstProblem('This title skips a level.', line)
    if (known < 0) this.#styles.push(style)

    this.#open.length = level
    const section = makeElement('section', [], { line })
    this.#open.at(-1)?.children.push(section)
    this.#open.push(section)
    const nodes = cursor.parser.parseInline(title, line)
    const heading = makeElement('title', nodes)
    section.children.push(heading)
    section.names = [normalizeName(textOf(heading))]
    cursor.parser.registry.addTarget(section, false)
    cursor.parent = section
  }
}

/** A title with a line below it. No where the line is so short that it may be text. */
export function readUnderlined(cursor: Cursor, sections: Sections | undefined): boolean {
  const title = currentLine(cursor).trimEnd()
  const underline = (cursor.block.lines[cursor.at + 1] ?? '').trimEnd()
  if (columnWidth(title) > underline.length) {
    if (underline.length < 4) return false
    throw new RstProblem('The line below the title is too short.', lineNumber(cursor))
  }
  if (!sections) throw new RstProblem('There can be no title here.', lineNumber(cursor))
  sections.begin(cursor, title, underline[0] ?? '')
  cursor.at += 2
  return true
}

/** A title between two lines, or a transition. No where the line is so short that it may be text. */
export function readOverlined(cursor: Cursor, sections: Sections): boolean {
  const overline = currentLine(cursor).trimEnd()
  const isShort = overline.length < 4
  if (isBlankAt(cursor.block, cursor.at + 1)) {
    if (isShort) return false
    const transition = makeElement('transition', [], { line: lineNumber(cursor) })
    cursor.parent.children.push(transition)
    cursor.at++
    return true
  }
  const problem = problemOf(cursor, overline)
  if (problem !== undefined) {
    if (isShort) return false
    throw new RstProblem(problem, lineNumber(cursor))
  }
  const title = cursor.block.lines[cursor.at + 1] ?? ''
  sections.begin(cursor, title.trim(), `${overline[0]}${overline[0]}`)
  cursor.at += 3
  return true
}

function problemOf({ block, at }: Cursor, overline: string): string | undefined {
  const title = (block.lines[at + 1] ?? '').trimEnd()
  const underline = (block.lines[at + 2] ?? '').trimEnd()
  if (isRule(title)) return 'This is neither a title nor a transition.'
  if (!isRule(underline)) return 'The title has a line above it and none below.'
  if (underline !== overline) return 'The lines above and below the title differ.'
  if (columnWidth(title) > overline.length) return 'The line above the title is too short.'
  return undefined
}
