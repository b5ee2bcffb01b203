/** What the readers of the single inline constructs share. */
import { isWhitespace, mayFollow } from './characters.ts'
import type { Start } from './inline-start.ts'
import type { Node } from './nodes.ts'
import { RstProblem } from './problem.ts'
import type { Registry } from './registry.ts'

/** A text with NUL for escapes, and the line in which it begins. */
export interface Place {
  readonly registry: Registry
  readonly text: string
  readonly line: number
}

export interface Construct {
  readonly nodes: readonly Node[]
  readonly end: number
}

/** The content up to the first end-string that may be one. */
export function findEnd(
  { text, line }: Place,
  { to }: Start,
  mark: string,
): { content: string; end: number } {
  const escapes = mark !== '``'
  for (let at = text.indexOf(mark, to); at >= 0; at = text.indexOf(mark, at + 1)) {
    const before = text[at - 1] ?? ''
    if (isWhitespace(before) || (escapes && before === '\0')) continue
    if (!mayFollow(text[at + mark.length])) continue
    if (at > to) return { content: text.slice(to, at), end: at + mark.length }
    break
  }
  throw new RstProblem(`There is no end for the inline markup that begins with ${mark}.`, line)
}
