/** Text in single backquotes: with a role, or as a reference of several words. */
import { isWhitespace, mayFollow, SIMPLE_NAME } from './characters.ts'
import type { Construct, Place } from './inline-construct.ts'
import type { Start } from './inline-start.ts'
import { makePhraseReference } from './phrase-reference.ts'
import { RstProblem } from './problem.ts'
import { makeInterpreted } from './roles.ts'

const suffix = new RegExp(`\`(:${SIMPLE_NAME}:)?(__?)?`, 'uy')

/** Interpreted text with or without a role, or a reference of several words. */
export function interpreted(place: Place, start: Start): Construct {
  const { text, line, registry } = place
  for (let at = text.indexOf('`', start.to); at >= 0; at = text.indexOf('`', at + 1)) {
    if (!endsContent(text, at)) continue
    const ending = readSuffix(text, at)
    if (!ending) continue
    if (at === start.to) break
    const content = text.slice(start.to, at)
    const role = start.role ?? ending.role
    if (ending.underscores !== '') {
      if (role !== undefined) throw new RstProblem('A reference cannot have a role.', line)
      const anonymous = ending.underscores === '__'
      const nodes = makePhraseReference(registry, content, { anonymous, line })
      return { nodes, end: ending.end }
    }
    if (start.role !== undefined && ending.role !== undefined) {
      throw new RstProblem('Interpreted text has two roles.', line)
    }
    return { nodes: [makeInterpreted(registry, content, { role, line })], end: ending.end }
  }
  throw new RstProblem('There is no end for the text that begins with a backquote.', line)
}

/** An escaped space may stand before the end, any other white space may not. */
function endsContent(text: string, at: number): boolean {
  const before = text[at - 1]
  return (before !== '\0' && !isWhitespace(before)) || text[at - 2] === '\0'
}

function readSuffix(
  text: string,
  at: number,
): { role?: string; underscores: string; end: number } | undefined {
  suffix.lastIndex = at
  const [, role = '', underscores = ''] = suffix.exec(text) ?? []
  const named = at + 1 + role.length
  for (const length of [underscores.length, 1, 0]) {
    if (length > underscores.length || !mayFollow(text[named + length])) continue
    const end = named + length
    return {
      underscores: underscores.slice(0, length),
      end,
      ...(role === '' ? {} : { role: role.slice(1, -1) }),
    }
  }
  if (role === '') return undefined
  // The colon of what looked like a role may be punctuation behind the text: `this`:that:
  return { underscores: '', end: at + 1 }
}
