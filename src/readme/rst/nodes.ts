/** The tree between reading and printing. */
import { unescape } from './characters.ts'

export type Kind =
  | 'document'
  | 'section'
  | 'title'
  | 'subtitle'
  | 'paragraph'
  | 'bullet-list'
  | 'enumerated-list'
  | 'list-item'
  | 'definition-list'
  | 'definition-item'
  | 'term'
  | 'classifier'
  | 'definition'
  | 'field-list'
  | 'field'
  | 'field-name'
  | 'field-body'
  | 'docinfo'
  | 'option-list'
  | 'option-item'
  | 'option-group'
  | 'option'
  | 'option-argument'
  | 'description'
  | 'line-block'
  | 'line'
  | 'block-quote'
  | 'attribution'
  | 'literal-block'
  | 'doctest'
  | 'math-block'
  | 'table'
  | 'table-head'
  | 'table-body'
  | 'row'
  | 'entry'
  | 'footnote'
  | 'citation'
  | 'label'
  | 'comment'
  | 'target'
  | 'substitution-definition'
  | 'pending'
  | 'transition'
  | 'admonition'
  | 'topic'
  | 'sidebar'
  | 'rubric'
  | 'compound'
  | 'container'
  | 'figure'
  | 'caption'
  | 'legend'
  | 'image'
  | 'section-number'
  | 'emphasis'
  | 'strong'
  | 'literal'
  | 'inline'
  | 'subscript'
  | 'superscript'
  | 'title-reference'
  | 'abbreviation'
  | 'math'
  | 'reference'
  | 'inline-target'
  | 'footnote-reference'
  | 'citation-reference'
  | 'substitution-reference'
  | 'fragment'

export interface Text {
  readonly kind: 'text'
  /** With NUL for escapes, unless `raw`. */
  text: string
}

export interface Element {
  kind: Kind
  children: Node[]
  /** Of reference, in the order of their writing. */
  names?: string[]
  ids?: string[]
  classes?: string[]
  line?: number
  /** Where a reference or target leads: an address, a name, an identifier. */
  uri?: string
  refname?: string
  refid?: string
  anonymous?: boolean
  /** Identifiers of the references that lead here. */
  backrefs?: string[]
  /** A footnote, or a reference to one, that gets its number or its symbol later. */
  auto?: 'number' | 'symbol'
  /** Where a block target without an address leads: what follows it. */
  next?: Element
  options?: Readonly<Record<string, string>>
  /** The text that a node was read from, where it may have to be read otherwise. */
  source?: string
  indent?: number
  columns?: number
  rows?: number
}

export type Node = Text | Element

export function makeText(text: string): Text {
  return { kind: 'text', text }
}

export function makeElement(kind: Kind, children: Node[] = [], rest?: Partial<Element>): Element {
  return { kind, children, ...rest }
}

export function isElement(node: Node | undefined, kind?: Kind): node is Element {
  return node !== undefined && node.kind !== 'text' && (kind === undefined || node.kind === kind)
}

/** The text in a node, without escapes. */
export function textOf(node: Node): string {
  if (node.kind === 'text') return unescape(node.text)
  return node.children.map(textOf).join('')
}

export function hasClass(node: Element, name: string): boolean {
  return node.classes?.includes(name) ?? false
}

/** Every element below a node and itself, in the order of the document. */
export function* walk(node: Element): Generator<Element> {
  yield node
  for (const child of node.children) if (child.kind !== 'text') yield* walk(child)
}

const invisible: ReadonlySet<Kind> = new Set([
  'comment',
  'pending',
  'substitution-definition',
  'target',
])

/** Whether a node is printed at all. */
export function isVisible(node: Node): boolean {
  return node.kind === 'text' || !invisible.has(node.kind)
}
