/** What the readers of the single constructs may ask for. */
import type { Block } from './lines.ts'
import type { Element, Node } from './nodes.ts'
import { RstProblem } from './problem.ts'
import type { Registry } from './registry.ts'

export interface Parser {
  readonly registry: Registry
  /** Reads the block as body elements into `parent`. */
  parseBody(block: Block, parent: Element): void
  parseInline(text: string, line: number): Node[]
}

/** Where the reading stands: the construct begins in the line `at`, and leaves it behind its last line. */
export interface Cursor {
  readonly parser: Parser
  readonly block: Block
  at: number
  /** What the construct is added to. */
  parent: Element
}

export function lineNumber({ block, at }: Cursor): number {
  return block.first + at
}

export function currentLine({ block, at }: Cursor): string {
  return block.lines[at] ?? ''
}

/** Whether the line `at` is blank or behind the end. */
export function isBlankAt({ lines }: Block, at: number): boolean {
  return (lines[at] ?? '').trim() === ''
}

/** What is not set off from the text behind it may have been meant otherwise. */
export function requireBlankFinish(
  { blankFinish }: { readonly blankFinish: boolean },
  cursor: Cursor,
  what: string,
): void {
  if (blankFinish) return
  throw new RstProblem(`${what} ends without a blank line.`, lineNumber(cursor))
}

/** To the next line that has something on it. */
export function skipBlank(cursor: Cursor): void {
  while (cursor.at < cursor.block.lines.length && currentLine(cursor) === '') cursor.at++
}
