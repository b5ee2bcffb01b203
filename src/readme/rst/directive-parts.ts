/** What the directives share. */
import { normalizeName } from './characters.ts'
import type { DirectiveCall } from './directive.ts'
import type { Element, Kind } from './nodes.ts'
import { RstProblem } from './problem.ts'

export function requireContent({ name, content, line }: DirectiveCall): void {
  if (content.lines.length === 0) throw new RstProblem(`The directive "${name}" is empty.`, line)
}

export function classesOf({ options }: DirectiveCall, option = 'class'): string[] {
  const classes = options[option]
  return classes === undefined ? [] : classes.split(' ')
}

/** Makes the node known by the name that its option gives it. */
export function addName({ options, cursor }: DirectiveCall, node: Element): void {
  const name = normalizeName(options['name'] ?? '')
  if (name === '') return
  node.names = [...(node.names ?? []), name]
  cursor.parser.registry.addTarget(node, true)
}

const structural: ReadonlySet<Kind> = new Set(['document', 'section', 'sidebar', 'fragment'])

/** Some elements stand in sections alone, not inside other elements. */
export function requireSection({ cursor, name, line }: DirectiveCall): void {
  if (structural.has(cursor.parent.kind)) return
  throw new RstProblem(`The directive "${name}" cannot be used inside other elements.`, line)
}
