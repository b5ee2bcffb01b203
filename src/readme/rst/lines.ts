/** Texts as blocks of lines, and the indented blocks inside them. */
import { RstProblem } from './problem.ts'

export interface Block {
  readonly lines: readonly string[]
  /** The number of the first line in the text. */
  readonly first: number
}

export interface Indented extends Block {
  /** How far all lines were indented, the first one aside where its indent was known. */
  readonly indent: number
  /** Whether a blank line or the end of the text follows. */
  readonly blankFinish: boolean
  /** The index behind the block's last line, in the lines that it was taken from. */
  readonly end: number
}

export interface IndentRule {
  /** How far all lines are indented, where that is known. */
  readonly all?: number
  /** Where the first line's content begins, where that is known. */
  readonly first?: number
  readonly untilBlank?: boolean
  readonly keepIndent?: boolean
  readonly keepTop?: boolean
}

/** docutils refuses longer ones too. */
const longestLine = 10_000

/** Python's line ends; the separators of ASCII are among them. */
const lineEnd = new RegExp(String.raw`\r\n|[\n\r\x1c-\x1e\x85\u2028\u2029]`)

/** No text has control characters that mean anything: some are used here as marks. */
const control = new RegExp(String.raw`(?![\t\n\r\x1c-\x1e\x85])\p{Cc}`, 'gu')

/** Tabs are eight columns; white space at the end of lines does not count. */
export function splitLines(text: string): Block {
  const lines = text
    .replaceAll(/[\v\f]/g, ' ')
    .replaceAll(control, '\ufffd')
    .split(lineEnd)
    .map((line) => expandTabs(line).trimEnd())
  const long = lines.findIndex((line) => columnsAtLeast(line) > longestLine)
  if (long >= 0) throw new RstProblem('This line is too long.', long + 1)
  return { lines, first: 1 }
}

/** Characters, of which two may be one pair of code units. */
function columnsAtLeast(line: string): number {
  if (line.length <= longestLine || line.length > 2 * longestLine) return line.length
  return Array.from(line).length
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line
  let expanded = ''
  for (const part of line.split('\t')) {
    if (expanded.length > longestLine) break
    expanded += part
    expanded += ' '.repeat(8 - (expanded.length % 8))
  }
  return expanded
}

export function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

/** The lines from `start` that are indented as `rule` says. */
export function takeIndented({ lines, first }: Block, start: number, rule: IndentRule): Indented {
  const firstIndent = rule.first ?? rule.all
  const { end, indent, blankFinish } = measure(lines, start, rule)
  const taken = lines.slice(start, end)
  if (firstIndent !== undefined && taken.length > 0) taken[0] = taken[0]?.slice(firstIndent) ?? ''
  if (indent > 0 && rule.keepIndent !== true) {
    for (let i = firstIndent === undefined ? 0 : 1; i < taken.length; i++) {
      taken[i] = taken[i]?.slice(indent) ?? ''
    }
  }
  const block = trimEnd({ lines: taken, first: first + start })
  return { ...(rule.keepTop === true ? block : trimStart(block)), indent, blankFinish, end }
}

function measure(
  lines: readonly string[],
  start: number,
  rule: IndentRule,
): { end: number; indent: number; blankFinish: boolean } {
  let indent = rule.all ?? Infinity
  let end = start + (rule.first === undefined && rule.all === undefined ? 0 : 1)
  let blankFinish = true
  for (; end < lines.length; end++) {
    const line = lines[end] ?? ''
    if (line === '') {
      if (rule.untilBlank === true) break
      continue
    }
    const own = indentOf(line)
    if (line[0] !== ' ' || (rule.all !== undefined && own < rule.all)) {
      blankFinish = end > start && lines[end - 1] === ''
      break
    }
    if (rule.all === undefined) indent = Math.min(indent, own)
  }
  return { end, indent: indent === Infinity ? 0 : indent, blankFinish }
}

export function trimStart(block: Block): Block {
  let blank = 0
  while (blank < block.lines.length && block.lines[blank]?.trim() === '') blank++
  return blank === 0 ? block : sliceBlock(block, blank)
}

export function trimEnd(block: Block): Block {
  let end = block.lines.length
  while (end > 0 && block.lines[end - 1]?.trim() === '') end--
  return end === block.lines.length ? block : sliceBlock(block, 0, end)
}

export function sliceBlock({ lines, first }: Block, start: number, end?: number): Block {
  return { lines: lines.slice(start, end), first: first + start }
}
