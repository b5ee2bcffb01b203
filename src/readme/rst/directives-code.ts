/** Code, formulas, and literal text with markup. */
import { addName, classesOf, requireContent } from './directive-parts.ts'
import type { Directive, DirectiveCall } from './directive.ts'
import { makeElement, makeText, type Node } from './nodes.ts'
import { common, unchanged } from './option-values.ts'
import { RstProblem } from './problem.ts'

const code: Directive = {
  optional: 1,
  options: { ...common, 'number-lines': unchanged },
  hasContent: true,
  run: makeCode,
}

export const codes: Readonly<Record<string, Directive>> = {
  code,
  'code-block': code,
  sourcecode: code,
  'parsed-literal': { options: common, hasContent: true, run: makeParsed },
  math: { options: common, hasContent: true, run: makeFormulas },
}

function makeCode(call: DirectiveCall): Node[] {
  requireContent(call)
  const { content, options, line } = call
  const [language] = call.arguments
  if (!/^\s*(?:[-+]?[0-9]+)?\s*$/.test(options['number-lines'] ?? '')) {
    throw new RstProblem('Lines cannot be numbered from there.', line)
  }
  const node = makeElement('literal-block', [makeText(content.lines.join('\n'))], { line })
  node.classes = classesOf(call)
  node.options = language === undefined ? {} : { language }
  addName(call, node)
  return [node]
}

function makeParsed(call: DirectiveCall): Node[] {
  requireContent(call)
  const nodes = call.cursor.parser.parseInline(call.content.lines.join('\n'), call.content.first)
  const node = makeElement('literal-block', nodes, { classes: classesOf(call), line: call.line })
  node.options = { parsed: '' }
  addName(call, node)
  return [node]
}

/** Each block between blank lines is a formula. */
function makeFormulas(call: DirectiveCall): Node[] {
  requireContent(call)
  const parts = call.content.lines.join('\n').split('\n\n')
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const node = makeElement('math-block', [makeText(part)], { line: call.line })
      addName(call, node)
      return node
    })
}
