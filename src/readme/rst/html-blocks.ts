/** Body elements that are more than one tag, or another one depending on what they hold. */
import { escapeHtml } from '#python/html-escape'
import { makeId } from './characters.ts'
import { attribute } from './html-escape.ts'
import type { Print, Printer } from './html-printer.ts'
import { hasClass, isElement, walk, type Element, type Kind } from './nodes.ts'

export const blockPrints: Partial<Record<Kind, Print>> = {
  section: printSection,
  title: printTitle,
  topic: (printer, node) =>
    printer.wrap(node, hasClass(node, 'contents') ? 'nav class="contents"' : 'aside class="topic"'),
  admonition: (printer, node) => {
    const classes = ['admonition', ...(node.classes ?? []).map(makeId)]
    printer.wrap(node, `aside${attribute('class', classes.join(' '))}`)
  },
  'enumerated-list': (printer, node) =>
    printer.wrapParts(node, `ol${attribute('start', node.options?.['start'])}`),
  'field-name': printLabel,
  'option-group': printOptions,
  line: printLine,
  attribution: printAttribution,
  'literal-block': (printer, node) => printCode(printer, node, node.options?.['language']),
  doctest: (printer, node) => printCode(printer, node, 'pycon'),
  'math-block': printFormula,
  entry: printEntry,
  transition: (printer) => printer.write('<hr>\n'),
  figure: printFigure,
  label: printNoteLabel,
  target: printTarget,
}

function printSection(printer: Printer, node: Element): void {
  printer.level++
  printer.wrap(node, 'section')
  printer.level--
}

function printTitle(printer: Printer, node: Element): void {
  const { around } = printer
  if (around?.kind === 'section') return printHeading(printer, node)
  if (around?.kind === 'table') return printer.wrap(node, 'caption')
  if (around === undefined || !hasClass(around, 'contents')) {
    return printer.wrap(node, `p class="${around?.kind ?? 'topic'}-title"`)
  }
  printer.write('<p class="topic-title">')
  // A link may hold no other.
  const holdsLink = [...walk(node)].some(({ kind }) => kind === 'reference')
  if (holdsLink) printer.children(node)
  else printer.wrap(node, 'a href="#top"')
  printer.write('</p>\n')
}

/** With a link back to the table of contents, where there is one. */
function printHeading(printer: Printer, node: Element): void {
  const tag = `h${Math.min(printer.level, 6)}`
  printer.write(`<${tag}>`)
  if (node.refid === undefined) printer.children(node)
  else printer.wrap(node, `a${attribute('href', `#${node.refid}`)}`)
  printer.write(`</${tag}>\n`)
}

function printLabel(printer: Printer, node: Element): void {
  printer.write('<dt>')
  printer.children(node)
  printer.write(':</dt>\n')
}

function printOptions(printer: Printer, node: Element): void {
  printer.write('<dt><kbd>')
  for (const [i, option] of node.children.entries()) {
    if (i > 0) printer.write(', ')
    printer.print(option)
  }
  printer.write('</kbd></dt>\n')
}

function printLine(printer: Printer, node: Element): void {
  printer.write('<div class="line">')
  printer.children(node)
  printer.write(node.children.length === 0 ? '<br></div>\n' : '</div>\n')
}

function printAttribution(printer: Printer, node: Element): void {
  printer.write('<p class="attribution">—')
  printer.children(node)
  printer.write('</p>\n')
}

function printCode(printer: Printer, node: Element, language = ''): void {
  if (node.options?.['parsed'] !== undefined) return printer.wrap(node, 'pre')
  const name = language.toLowerCase().replaceAll(/[^a-z0-9+#.-]/g, '')
  const classes = name === '' ? '' : `language-${name}`
  printer.write(`<pre${attribute('id', node.ids?.[0])}><code${attribute('class', classes)}>`)
  // Literal: what looks like an escape is none.
  for (const child of node.children) {
    if (child.kind === 'text') printer.write(escapeHtml(child.text))
  }
  printer.write('</code></pre>\n')
}

function printFormula(printer: Printer, node: Element): void {
  const [text] = node.children
  const formula = text?.kind === 'text' ? text.text : ''
  const environment = formula.includes('\\\\') ? 'align*' : 'equation*'
  printer.write(`<div class="math"${attribute('id', node.ids?.[0])}>\n`)
  printer.write(`\\begin{${environment}}\n${escapeHtml(formula)}\n\\end{${environment}}\n</div>\n`)
}

function printEntry(printer: Printer, node: Element): void {
  const tag = hasClass(node, 'head') ? 'th' : 'td'
  const rows = (node.rows ?? 1) > 1 ? attribute('rowspan', String(node.rows)) : ''
  const columns = (node.columns ?? 1) > 1 ? attribute('colspan', String(node.columns)) : ''
  printer.wrap(node, tag + rows + columns)
}

function printFigure(printer: Printer, node: Element): void {
  const align = node.classes?.find((name) => name.startsWith('align-'))
  printer.write(`<figure${attribute('class', align)}${attribute('id', node.ids?.[0])}>\n`)
  const [image, ...rest] = node.children
  if (image) printer.print(image)
  if (rest.some((child) => isElement(child) && child.kind !== 'target')) {
    printer.write('<figcaption>\n')
    for (const child of rest) printer.print(child)
    printer.write('</figcaption>\n')
  }
  printer.write('</figure>\n')
}

/** With links back to where the note is referred to. */
function printNoteLabel(printer: Printer, node: Element): void {
  const backrefs = printer.around?.backrefs ?? []
  printer.write('<span class="label">[')
  if (backrefs.length === 1) printer.wrap(node, `a${attribute('href', `#${backrefs[0]}`)}`)
  else printer.children(node)
  printer.write(']</span>\n')
  if (backrefs.length < 2) return
  const links = backrefs.map((id, i) => `<a${attribute('href', `#${id}`)}>${i + 1}</a>`)
  printer.write(`<span class="backrefs">(${links.join(',')})</span>\n`)
}

function printTarget(printer: Printer, node: Element): void {
  const isElsewhere = node.uri !== undefined || node.refname !== undefined || node.next
  if (!isElsewhere) printer.marks(node.ids ?? [])
}
