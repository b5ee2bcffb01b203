/** Notes, warnings and the like. */
import { addName, classesOf, requireContent } from './directive-parts.ts'
import type { Directive, DirectiveCall } from './directive.ts'
import { makeElement, makeText, type Node } from './nodes.ts'
import { common } from './option-values.ts'

const titles = {
  attention: 'Attention!',
  caution: 'Caution!',
  danger: '!DANGER!',
  error: 'Error',
  hint: 'Hint',
  important: 'Important',
  note: 'Note',
  tip: 'Tip',
  warning: 'Warning',
} as const

const titled: Directive = {
  required: 1,
  isFinalLong: true,
  options: common,
  hasContent: true,
  run: (call) =>
    admonition(call, call.cursor.parser.parseInline(call.arguments[0] ?? '', call.line), []),
}

const plain = Object.entries(titles).map(([name, title]): [string, Directive] => [
  name,
  {
    isFinalLong: true,
    options: common,
    hasContent: true,
    run: (call) => admonition(call, [makeText(title)], [name]),
  },
])

export const admonitions: Readonly<Record<string, Directive>> = {
  ...Object.fromEntries(plain),
  admonition: titled,
}

function admonition(call: DirectiveCall, title: Node[], classes: readonly string[]): Node[] {
  requireContent(call)
  const node = makeElement('admonition', [], { line: call.line })
  node.classes = [...classesOf(call), ...classes]
  addName(call, node)
  node.children.push(makeElement('title', title))
  call.cursor.parser.parseBody(call.content, node)
  return [node]
}
