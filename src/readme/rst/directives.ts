/** The directives by their names. */
import { admonitions } from './directives-admonition.ts'
import { blocks } from './directives-block.ts'
import { codes } from './directives-code.ts'
import { documents } from './directives-document.ts'
import { images } from './directives-image.ts'
import { substitutions } from './directives-substitution.ts'
import { tables } from './directives-table.ts'
import { readDirectiveBlock, type Directive, type Substitution } from './directive.ts'
import type { Block } from './lines.ts'
import type { Node } from './nodes.ts'
import { lineNumber, type Cursor } from './parser.ts'
import { RstProblem } from './problem.ts'

interface Written {
  readonly name: string
  readonly content: Block
  readonly substitution?: Substitution
}

/** Looked up at each call, since these parts and the readers of body elements need each other. */
function findDirective(name: string): Directive | undefined {
  const groups = [admonitions, blocks, codes, documents, images, substitutions, tables]
  const group = groups.find((each) => Object.hasOwn(each, name))
  return group?.[name]
}

export function runDirective(cursor: Cursor, { name, content, substitution }: Written): Node[] {
  const line = lineNumber(cursor)
  const directive = findDirective(name.toLowerCase())
  if (!directive) throw new RstProblem(`The directive "${name}" is not known.`, line)
  const presets = substitution === undefined ? {} : { alt: substitution.name }
  const block = readDirectiveBlock(directive, content, directive.options ? presets : {})
  const call = { ...block, name: name.toLowerCase(), line, cursor }
  return directive.run(substitution === undefined ? call : { ...call, substitution })
}
