/** HTML as lines that tell its structure and its text, without what only looks concern. */
import { Parser } from 'htmlparser2'

const told = new Set([
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'pre', 'hr'],
  ...['table', 'caption', 'thead', 'tr', 'td', 'th', 'a', 'img', 'code', 'em', 'strong', 'cite'],
  ...['blockquote', 'figure', 'figcaption', 'sub', 'sup', 'kbd', 'var', 'abbr'],
])

interface Open {
  /** What it is told as; nothing for what is not told. */
  readonly name: string | undefined
  /** How many lines there were when it began. */
  readonly from: number
}

/** One line per element's beginning and end, and per piece of text. */
export function structureOf(html: string): string[] {
  const teller = new Teller()
  const parser = new Parser(
    {
      onopentag: (name, attributes) => teller.open(name, attributes),
      ontext: (text) => teller.text(text),
      onclosetag: () => teller.close(),
    },
    { decodeEntities: true },
  )
  parser.end(html)
  return teller.finish()
}

class Teller {
  readonly #lines: string[] = []
  readonly #open: Open[] = []
  #text = ''

  open(tag: string, attributes: Record<string, string>): void {
    const name = this.#nameOf(tag, attributes)
    if (name !== undefined) this.#flush()
    this.#open.push({ name, from: this.#lines.length })
    if (name !== undefined) this.#lines.push(`<${name}>`)
  }

  #nameOf(
    tag: string,
    { class: classes = '', href, src }: Record<string, string>,
  ): string | undefined {
    // docutils marks literals by a class.
    const literal = tag === 'span' && classes.split(' ').includes('literal')
    if ((literal || tag === 'code') && !this.#isInPre()) return 'code'
    if (!told.has(tag) || tag === 'code') return undefined
    if (tag === 'a') return `a ${addressOf(href)}`
    return tag === 'img' ? `img ${addressOf(src)}` : tag
  }

  #isInPre(): boolean {
    return this.#open.some(({ name }) => name === 'pre')
  }

  text(text: string): void {
    this.#text += text
  }

  close(): void {
    const closed = this.#open.pop()
    if (closed?.name === undefined) return
    this.#flush(closed.name === 'pre')
    const isEmpty = this.#lines.length === closed.from + 1
    // PyPI puts an empty link beside each title.
    if (isEmpty && closed.name.startsWith('a ')) this.#lines.pop()
    else this.#lines.push(`</${closed.name.split(' ', 1)[0]}>`)
  }

  #flush(isPre = this.#isInPre()): void {
    const text = isPre
      ? this.#text.replaceAll(/[ \t]+$/gm, '').trimEnd()
      : this.#text.replaceAll(/\s+/g, ' ').trim()
    if (text !== '') this.#lines.push(text)
    this.#text = ''
  }

  finish(): string[] {
    this.#flush()
    return this.#lines
  }
}

/** PyPI hides mail addresses a little, and shows no address that it cannot read or whose scheme it does not trust. */
function addressOf(address = ''): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase()
  if (scheme !== undefined && !['http', 'https', 'mailto'].includes(scheme)) return ''
  if (scheme?.startsWith('http') === true && !URL.canParse(address)) return ''
  return address.replaceAll('%40', '@')
}
