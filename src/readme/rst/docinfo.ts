/** A field list at the very beginning tells of the document: author, version and the like. */
import { normalizeName } from './characters.ts'
import {
  isElement,
  isVisible,
  makeElement,
  makeText,
  textOf,
  type Element,
  type Node,
} from './nodes.ts'
import type { Parser } from './parser.ts'
import { RstProblem } from './problem.ts'
import type { Registry } from './registry.ts'

const labels: Readonly<Record<string, string>> = {
  author: 'Author',
  authors: 'Authors',
  organization: 'Organization',
  address: 'Address',
  contact: 'Contact',
  version: 'Version',
  revision: 'Revision',
  status: 'Status',
  date: 'Date',
  copyright: 'Copyright',
}

const topics: Readonly<Record<string, string>> = { dedication: 'Dedication', abstract: 'Abstract' }

export function liftDocinfo({ root }: Registry, parser: Pick<Parser, 'parseInline'>): void {
  const at = root.children.findIndex(isVisible)
  const list = root.children[at]
  if (!isElement(list, 'field-list')) return
  const docinfo = makeElement('docinfo')
  const lifted = new Map<string, Element>()
  for (const field of list.children) {
    if (isElement(field)) new Field(field, parser).lift(docinfo, lifted)
  }
  root.children.splice(at, 1)
  if (docinfo.children.length > 0) root.children.unshift(docinfo)
  const behind = ['dedication', 'abstract'].flatMap((name) => lifted.get(name) ?? [])
  root.children.splice(docinfo.children.length > 0 ? 1 : 0, 0, ...behind)
}

class Field {
  readonly #field: Element
  readonly #body: Element
  readonly #name: string
  readonly #parser: Pick<Parser, 'parseInline'>

  constructor(field: Element, parser: Pick<Parser, 'parseInline'>) {
    this.#field = field
    const [name, body] = field.children
    this.#name = normalizeName(name ? textOf(name) : '')
    this.#body = isElement(body) ? body : makeElement('field-body')
    this.#parser = parser
  }

  lift(docinfo: Element, lifted: Map<string, Element>): void {
    const label = Object.hasOwn(labels, this.#name) ? labels[this.#name] : undefined
    const topic = Object.hasOwn(topics, this.#name) ? topics[this.#name] : undefined
    if (label === undefined && topic === undefined) {
      cleanKeywords(this.#body)
      docinfo.children.push(this.#field)
      return
    }
    if (this.#body.children.length === 0) this.#fail('is empty')
    if (topic !== undefined) {
      if (lifted.has(this.#name)) this.#fail('is there twice')
      const title = makeElement('title', [makeText(topic)])
      const children = [title, ...this.#body.children]
      lifted.set(this.#name, makeElement('topic', children, { classes: [this.#name] }))
      return
    }
    const values = this.#name === 'authors' ? this.#authors() : [this.#single()]
    docinfo.children.push(makeElement('field', this.#items(label ?? '', values)))
  }

  /** Authors and addresses are set apart, everything else is the text alone. */
  #items(label: string, values: readonly (readonly Node[])[]): Node[] {
    const name = makeElement('field-name', [makeText(label)])
    const body = makeElement('field-body')
    for (const value of values) {
      if (this.#name.startsWith('author')) {
        body.children.push(makeElement('paragraph', [...value]))
      } else if (this.#name === 'address') {
        body.children.push(makeElement('literal-block', [...value], { options: { parsed: '' } }))
      } else body.children.push(...value)
    }
    return [name, body]
  }

  #fail(reason: string): never {
    throw new RstProblem(`The field "${this.#name}" ${reason}.`, this.#body.line)
  }

  #single(): Node[] {
    const [only, ...rest] = this.#body.children
    if (isElement(only, 'paragraph') && rest.length === 0) {
      cleanKeywords(this.#body)
      return only.children
    }
    // A name that begins with an initial has been taken for a list: "E. Xample".
    const { source = '', line = 1 } = this.#body
    if (isElement(only, 'enumerated-list') && !source.trim().includes('\n')) {
      return this.#parser.parseInline(`\\${source}`, line)
    }
    return this.#fail('is more than one paragraph')
  }

  #authors(): (readonly Node[])[] {
    const [only, ...rest] = this.#body.children
    if (isElement(only, 'bullet-list') && rest.length === 0) {
      return only.children.map((item) => this.#paragraphIn(isElement(item) ? item.children : []))
    }
    if (rest.length > 0) return this.#body.children.map((child) => this.#paragraphIn([child]))
    const text = textOf({ ...this.#body, children: this.#paragraphIn([only]) })
    const separator = text.includes(';') ? ';' : ','
    const names = text.split(separator).map((name) => name.trim())
    return names.filter((name) => name !== '').map((name) => [makeText(name)])
  }

  #paragraphIn(children: readonly (Node | undefined)[]): Node[] {
    const [only, ...rest] = children
    if (isElement(only, 'paragraph') && rest.length === 0) return only.children
    return this.#fail('is no list of names')
  }
}

const keywords: readonly (readonly [RegExp, string])[] = [
  [/\$Date: (\d{4})[-/](\d\d)[-/](\d\d)[ T][\d:]+[^$]* \$/gi, '$1-$2-$3'],
  [/\$RCSfile: ([^\n]+),v \$/gi, '$1'],
  [/\$[a-zA-Z]+: ([^\n]+) \$/g, '$1'],
]

/** What a version control system has put in, without its marks. */
function cleanKeywords({ children }: Element): void {
  const [paragraph, ...rest] = children
  if (!isElement(paragraph, 'paragraph') || rest.length > 0) return
  const [text, ...more] = paragraph.children
  if (text?.kind !== 'text' || more.length > 0 || text.text.length > 500) return
  for (const [pattern, replacement] of keywords) {
    const cleaned = text.text.replace(pattern, replacement)
    if (cleaned === text.text) continue
    text.text = cleaned
    return
  }
}
