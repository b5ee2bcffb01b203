/** Inline elements that are more than one tag, or another one depending on what they hold. */
import { escapeHtml } from '#python/html-escape'
import { unescape } from './characters.ts'
import { anyAttribute, attribute } from './html-escape.ts'
import type { Print, Printer } from './html-printer.ts'
import { hasClass, type Element, type Kind } from './nodes.ts'

/** Tags that a role may ask for by its class. */
const askedTags = [
  ...['code', 'kbd', 'dfn', 'samp', 'var', 'bdi', 'del', 'ins', 'mark', 'small'],
  ...['b', 'i', 'q', 's', 'u'],
] as const

export const inlinePrints: Partial<Record<Kind, Print>> = {
  inline: (printer, node) =>
    printer.wrap(node, askedTags.find((name) => hasClass(node, name)) ?? 'span'),
  literal: printLiteral,
  math: printMath,
  image: printImage,
  reference: printReference,
  'footnote-reference': printNoteReference,
  'citation-reference': printNoteReference,
}

function printLiteral(printer: Printer, node: Element): void {
  printer.write('<code>')
  for (const child of node.children) {
    if (child.kind === 'text') {
      printer.write(escapeHtml(unescape(child.text).replaceAll('\n', ' ')))
    }
  }
  printer.write('</code>')
}

function printMath(printer: Printer, node: Element): void {
  const [text] = node.children
  const formula = text?.kind === 'text' ? text.text : ''
  printer.write(`<span class="math">\\(${escapeHtml(formula)}\\)</span>`)
}

function printReference(printer: Printer, node: Element): void {
  const href = node.refid === undefined ? (node.uri ?? '') : `#${node.refid}`
  printer.wrap(node, `a${anyAttribute('href', href)}`)
}

function printNoteReference(printer: Printer, node: Element): void {
  const href = `#${node.refid ?? ''}`
  printer.write(`<a${attribute('href', href)}${attribute('id', node.ids?.[0])}>[`)
  printer.children(node)
  printer.write(']</a>')
}

/** As large as the text says. */
function printImage(printer: Printer, { uri = '', options = {}, ids }: Element): void {
  const { alt = uri, align, width, height } = options
  const scale = Number(options['scale'] ?? 100) / 100
  const attributes = [
    anyAttribute('src', uri),
    anyAttribute('alt', alt),
    attribute('width', scaled(width, scale)),
    attribute('height', scaled(height, scale)),
    attribute('class', align === undefined ? undefined : `align-${align}`),
    attribute('id', ids?.[0]),
  ]
  printer.write(`<img${attributes.join('')}>`)
}

/** Only pixels and percentages are values of the attributes. */
function scaled(measure: string | undefined, scale: number): string | undefined {
  const [, number, unit] = /^([0-9.]+)(px|%|)$/.exec(measure ?? '') ?? []
  if (number === undefined) return undefined
  return `${Math.round(Number(number) * scale)}${unit === '%' ? '%' : ''}`
}
