/** The tree as HTML: which element is which tag. */
import { blockPrints } from './html-blocks.ts'
import { inlinePrints } from './html-inline.ts'
import { Printer, type Print } from './html-printer.ts'
import type { Element, Kind } from './nodes.ts'

/** Elements that are one tag. */
const tags: Partial<Record<Kind, string>> = {
  paragraph: 'p',
  'list-item': 'li',
  term: 'dt',
  definition: 'dd',
  'field-body': 'dd',
  description: 'dd',
  'line-block': 'div class="line-block"',
  'block-quote': 'blockquote',
  sidebar: 'aside class="sidebar"',
  rubric: 'p class="rubric"',
  compound: 'div class="compound"',
  container: 'div',
  legend: 'div class="legend"',
  caption: 'p',
  subtitle: 'p class="subtitle"',
  footnote: 'div class="footnote"',
  citation: 'div class="citation"',
  emphasis: 'em',
  strong: 'strong',
  subscript: 'sub',
  superscript: 'sup',
  'title-reference': 'cite',
  abbreviation: 'abbr',
  classifier: 'span class="classifier"',
  'inline-target': 'span',
  option: 'span class="option"',
  'option-argument': 'var',
  'section-number': 'span class="section-number"',
}

/** Elements that are one tag in which only its own parts may stand. */
const listTags: Partial<Record<Kind, string>> = {
  'bullet-list': 'ul',
  'definition-list': 'dl',
  'field-list': 'dl',
  'option-list': 'dl class="option-list"',
  docinfo: 'dl class="docinfo"',
  table: 'table',
  'table-head': 'thead',
  'table-body': 'tbody',
  row: 'tr',
}

/** Elements that show their content alone. */
const transparent = ['document', 'fragment', 'definition-item', 'option-item', 'field'] as const

const prints: Partial<Record<Kind, Print>> = {
  ...printsOf(tags, (printer, node, tag) => printer.wrap(node, tag)),
  ...printsOf(listTags, (printer, node, tag) => printer.wrapParts(node, tag)),
  ...Object.fromEntries(
    transparent.map((kind): [Kind, Print] => [kind, (printer, node) => printer.children(node)]),
  ),
  ...blockPrints,
  ...inlinePrints,
}

function printsOf(
  table: Partial<Record<Kind, string>>,
  print: (printer: Printer, node: Element, tag: string) => void,
): Partial<Record<Kind, Print>> {
  return Object.fromEntries(
    Object.entries(table).map(([kind, tag]): [string, Print] => [
      kind,
      (printer, node) => print(printer, node, tag),
    ]),
  )
}

export function printHtml(root: Element): string {
  const printer = new Printer(prints)
  printer.print(root)
  return printer.html
}
