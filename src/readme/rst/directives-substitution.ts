/** Directives that stand in substitution definitions alone. */
import { requireContent } from './directive-parts.ts'
import type { Directive, DirectiveCall, Substitution } from './directive.ts'
import { isElement, makeElement, makeText, type Node } from './nodes.ts'
import { characterFor, flag } from './option-values.ts'
import { RstProblem } from './problem.ts'

export const substitutions: Readonly<Record<string, Directive>> = {
  replace: { hasContent: true, run: replace },
  unicode: {
    required: 1,
    isFinalLong: true,
    options: { trim: flag, ltrim: flag, rtrim: flag },
    run: makeCharacters,
  },
  date: {
    hasContent: true,
    run: ({ line }) => {
      throw new RstProblem('The date of the day on which this is shown says nothing.', line)
    },
  },
}

function requireSubstitution({ substitution, name, line }: DirectiveCall): Substitution {
  if (substitution) return substitution
  throw new RstProblem(`The directive "${name}" belongs into a substitution.`, line)
}

function replace(call: DirectiveCall): Node[] {
  requireSubstitution(call)
  requireContent(call)
  const parent = makeElement('fragment')
  call.cursor.parser.parseBody(call.content, parent)
  const [only, ...rest] = parent.children
  if (!isElement(only, 'paragraph') || rest.length > 0) {
    throw new RstProblem('A replacement is one paragraph.', call.line)
  }
  return only.children
}

/** Character codes and other text, up to a comment. */
function makeCharacters(call: DirectiveCall): Node[] {
  const substitution = requireSubstitution(call)
  const { options, line } = call
  const isLeft = options['trim'] !== undefined || options['ltrim'] !== undefined
  const isRight = options['trim'] !== undefined || options['rtrim'] !== undefined
  if (isLeft || isRight) substitution.trim = isLeft && isRight ? 'both' : isLeft ? 'left' : 'right'
  const text = call.arguments[0]?.split(/(?:[ \n]|^)\.\. /)[0] ?? ''
  try {
    return text
      .split(/\s+/)
      .filter((code) => code !== '')
      .map((code) => makeText(characterFor(code)))
  } catch {
    // The only failure is a number that is no character.
    throw new RstProblem('This is no number of a character.', line)
  }
}
