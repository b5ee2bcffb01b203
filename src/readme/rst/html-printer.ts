/** Prints the tree. Everything from the text is escaped here, and every tag that is opened is closed. */
import { escapeHtml } from '#python/html-escape'
import { unescape } from './characters.ts'
import { attribute } from './html-escape.ts'
import type { Element, Kind, Node } from './nodes.ts'

export type Print = (printer: Printer, node: Element) => void

/** Behind the end of the others begins a new line. */
const inlineTags: ReadonlySet<string> = new Set([
  ...['a', 'em', 'strong', 'sub', 'sup', 'cite', 'abbr', 'span', 'var', 'code', 'kbd', 'dfn'],
  ...['samp', 'bdi', 'del', 'ins', 'mark', 'small', 'b', 'i', 'q', 's', 'u'],
])

export class Printer {
  /** How deep the section is that is printed. */
  level = 0
  readonly #prints: Partial<Record<Kind, Print>>
  #html = ''
  #around: Element | undefined

  /** What has no way of being printed is not shown. */
  constructor(prints: Partial<Record<Kind, Print>>) {
    this.#prints = prints
  }

  get html(): string {
    return this.#html
  }

  /** The element whose children are printed. */
  get around(): Element | undefined {
    return this.#around
  }

  /** Adds HTML, in which all that is from the text has been escaped. */
  write(html: string): void {
    this.#html += html
  }

  print(node: Node): void {
    if (node.kind === 'text') this.write(escapeHtml(unescape(node.text)))
    else this.#prints[node.kind]?.(this, node)
  }

  children(node: Element): void {
    const outside = this.#around
    this.#around = node
    for (const [i, child] of node.children.entries()) this.#child(node, child, i)
    this.#around = outside
  }

  /** Notes that stand together are one group. */
  #child(parent: Element, child: Node, i: number): void {
    const isNote = child.kind === 'footnote' || child.kind === 'citation'
    if (isNote && parent.children[i - 1]?.kind !== child.kind) {
      this.write(`<div class="${child.kind}-list">\n`)
    }
    this.print(child)
    if (isNote && parent.children[i + 1]?.kind !== child.kind) this.write('</div>\n')
  }

  /** The element in a tag, whose attributes may stand behind its name. */
  wrap(node: Element, opening: string): void {
    const [name = ''] = opening.split(' ', 1)
    const [id, ...others] = node.ids ?? []
    this.write(`<${opening}${attribute('id', id)}>`)
    this.marks(others)
    this.children(node)
    this.write(`</${name}>${inlineTags.has(name) ? '' : '\n'}`)
  }

  /** In tags that may hold nothing but their own parts, identifiers stand in front of them. */
  wrapParts(node: Element, opening: string): void {
    this.marks(node.ids ?? [])
    const bare = { ...node }
    delete bare.ids
    this.wrap(bare, opening)
  }

  /** Places that links lead to. */
  marks(ids: readonly string[]): void {
    for (const id of ids) this.write(`<span${attribute('id', id)}></span>`)
  }
}
