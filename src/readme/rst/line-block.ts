/** Line blocks: lines that stay lines, set in as far as they were. */
import { takeIndented } from './lines.ts'
import { makeElement, type Element } from './nodes.ts'
import { blockCost, RstProblem, type Budget } from './problem.ts'
import { currentLine, lineNumber, requireBlankFinish, type Cursor } from './parser.ts'

const deepest = 50
const marker = /^\|(?: +|$)/

export function readLineBlock(cursor: Cursor): boolean {
  if (!marker.test(currentLine(cursor))) return false
  const lines: Element[] = []
  let last = { blankFinish: true }
  do {
    const { line, blankFinish } = readLine(cursor, lines.at(-1)?.indent ?? 0)
    lines.push(line)
    last = { blankFinish }
  } while (!last.blankFinish && marker.test(currentLine(cursor)))
  requireBlankFinish(last, cursor, 'Line block')
  cursor.parent.children.push(nestLines(lines, cursor.parser.registry.budget))
  return true
}

function readLine(cursor: Cursor, indentBefore: number): { line: Element; blankFinish: boolean } {
  const text = currentLine(cursor)
  cursor.parser.registry.budget.spend(blockCost)
  const width = marker.exec(text)?.[0].length ?? 1
  const content = takeIndented(cursor.block, cursor.at, { first: width, untilBlank: true })
  const nodes = cursor.parser.parseInline(content.lines.join('\n'), lineNumber(cursor))
  const indent = text.trimEnd() === '|' ? indentBefore : width - 2
  cursor.at = content.end
  return { line: makeElement('line', nodes, { indent }), blankFinish: content.blankFinish }
}

/** Lines that stand further in than others are a block inside the block. */
export function nestLines(lines: readonly Element[], budget: Budget): Element {
  const root = makeElement('line-block', [], { indent: Math.min(...new Set(lines.map(indentOf))) })
  const open = [root]
  for (const [i, line] of lines.entries()) {
    const indent = indentOf(line)
    while (open.length > 1 && indent < indentOf(open.at(-1))) open.pop()
    if (indent > indentOf(open.at(-1)))
      open.push(...openBlock(lines, i, { outer: open.at(-1), budget }))
    if (open.length > deepest) throw new RstProblem('These lines are set in too deeply.')
    open.at(-1)?.children.push(line)
  }
  return root
}

/** A block inside is as far in as its outermost line, which may not be its first. */
function openBlock(
  lines: readonly Element[],
  from: number,
  { outer: around, budget }: { outer: Element | undefined; budget: Budget },
): Element[] {
  const opened: Element[] = []
  const own = indentOf(lines[from])
  let outer = around
  while (outer && indentOf(outer) < own && opened.length <= deepest) {
    const inner: Element = makeElement('line-block')
    inner.indent = own
    let at = from
    for (; at < lines.length && indentOf(lines[at]) > indentOf(outer); at++) {
      inner.indent = Math.min(inner.indent, indentOf(lines[at]))
    }
    budget.spend(at - from)
    outer.children.push(inner)
    opened.push(inner)
    outer = inner
  }
  return opened
}

function indentOf(node: Element | undefined): number {
  return node?.indent ?? 0
}
