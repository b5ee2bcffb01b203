/** Directives whose content is body elements, set apart in some way. */
import { quoteContent } from './block-quote.ts'
import { addName, classesOf, requireContent, requireSection } from './directive-parts.ts'
import type { Directive, DirectiveCall } from './directive.ts'
import { nestLines } from './line-block.ts'
import { indentOf } from './lines.ts'
import { makeElement, type Element, type Kind, type Node } from './nodes.ts'
import { classNames, common, required, unchanged } from './option-values.ts'
import { RstProblem } from './problem.ts'

const quote: Directive = {
  hasContent: true,
  run: (call) => {
    requireContent(call)
    return quoteContent(call.cursor.parser, call.content, call.name)
  },
}

export const blocks: Readonly<Record<string, Directive>> = {
  epigraph: quote,
  highlights: quote,
  'pull-quote': quote,
  compound: { options: common, hasContent: true, run: (call) => wrap(call, 'compound') },
  container: {
    optional: 1,
    isFinalLong: true,
    options: { name: unchanged },
    hasContent: true,
    run: (call) => wrap(call, 'container', argumentClasses(call)),
  },
  topic: {
    required: 1,
    isFinalLong: true,
    options: common,
    hasContent: true,
    run: (call) => pseudoSection(call, 'topic'),
  },
  sidebar: {
    optional: 1,
    isFinalLong: true,
    options: { ...common, subtitle: required },
    hasContent: true,
    run: (call) => pseudoSection(call, 'sidebar'),
  },
  rubric: { required: 1, isFinalLong: true, options: common, run: makeRubric },
  class: { required: 1, isFinalLong: true, hasContent: true, run: addClass },
  'rst-class': { required: 1, isFinalLong: true, hasContent: true, run: addClass },
  'line-block': { options: common, hasContent: true, run: makeLineBlock },
}

function argumentClasses({ arguments: [argument], line }: DirectiveCall): string[] {
  if (argument === undefined) return []
  try {
    return classNames(argument).split(' ')
  } catch {
    // The only failure is a value that makes no class name.
    throw new RstProblem(`"${argument}" is no class name.`, line)
  }
}

function wrap(call: DirectiveCall, kind: Kind, classes = classesOf(call)): Node[] {
  requireContent(call)
  const node = makeElement(kind, [], { classes, line: call.line })
  addName(call, node)
  call.cursor.parser.parseBody(call.content, node)
  return [node]
}

function pseudoSection(call: DirectiveCall, kind: 'topic' | 'sidebar'): Node[] {
  const { cursor, options, line } = call
  requireSection(call)
  requireContent(call)
  const node = makeElement(kind, [], { classes: classesOf(call), line })
  const [title] = call.arguments
  const { subtitle } = options
  if (title !== undefined) {
    node.children.push(makeElement('title', cursor.parser.parseInline(title, line)))
  }
  if (subtitle !== undefined) {
    if (title === undefined) throw new RstProblem('A subtitle needs a title.', line)
    node.children.push(makeElement('subtitle', cursor.parser.parseInline(subtitle, line)))
  }
  addName(call, node)
  cursor.parser.parseBody(call.content, node)
  return [node]
}

function makeRubric(call: DirectiveCall): Node[] {
  const text = call.cursor.parser.parseInline(call.arguments[0] ?? '', call.line)
  const node = makeElement('rubric', text, { classes: classesOf(call), line: call.line })
  addName(call, node)
  return [node]
}

/** Gives its content the classes, or where it has none, whatever follows. */
function addClass(call: DirectiveCall): Node[] {
  const classes = argumentClasses(call)
  if (call.content.lines.length === 0) {
    return [makeElement('pending', [], { classes, line: call.line, options: { for: 'class' } })]
  }
  const parent = makeElement('fragment')
  call.cursor.parser.parseBody(call.content, parent)
  for (const child of parent.children) {
    if (child.kind !== 'text') child.classes = [...(child.classes ?? []), ...classes]
  }
  return parent.children
}

function makeLineBlock(call: DirectiveCall): Node[] {
  requireContent(call)
  const { parser } = call.cursor
  let indent = 0
  const lines = call.content.lines.map((text, i): Element => {
    if (text !== '') indent = indentOf(text)
    const nodes = parser.parseInline(text.trim(), call.content.first + i)
    return makeElement('line', nodes, { indent })
  })
  const node = nestLines(lines, parser.registry.budget)
  addName(call, node)
  return [node]
}
