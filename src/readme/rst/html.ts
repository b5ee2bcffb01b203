/** The tree as HTML. Everything from the text is escaped here, and every tag that is opened is closed. */
import { makeId, unescape } from './characters.ts'
import { hasClass, isElement, type Element, type Kind, type Node } from './nodes.ts'
import { printImage } from './html-image.ts'
import { attribute, escapeHtml } from './html-escape.ts'

/** Kinds that are one tag, with a class or without. */
const tags: Partial<Record<Kind, string>> = {
  paragraph: 'p',
  'bullet-list': 'ul',
  'list-item': 'li',
  'definition-list': 'dl',
  definition: 'dd',
  'field-list': 'dl',
  'option-list': 'dl class="option-list"',
  description: 'dd',
  'line-block': 'div class="line-block"',
  'block-quote': 'blockquote',
  'table-head': 'thead',
  'table-body': 'tbody',
  row: 'tr',
  topic: 'aside class="topic"',
  sidebar: 'aside class="sidebar"',
  admonition: 'aside class="admonition"',
  rubric: 'p class="rubric"',
  compound: 'div class="compound"',
  container: 'div',
  figure: 'figure',
  legend: 'div class="legend"',
  caption: 'p',
  subtitle: 'p class="subtitle"',
  section: 'section',
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
  docinfo: 'dl class="docinfo"',
}

/** Kinds that show their content alone. */
const transparent: ReadonlySet<Kind> = new Set([
  'document',
  'fragment',
  'definition-item',
  'option-item',
])

/** Tags that a role may ask for by its class. */
const inlineTags = [
  ...['code', 'kbd', 'dfn', 'samp', 'var', 'bdi', 'del', 'ins', 'mark', 'small'],
  ...['b', 'i', 'q', 's', 'u'],
] as const

export function printHtml(root: Element): string {
  const printer = new Printer()
  printer.print(root)
  return printer.html
}

class Printer {
  html = ''
  #level = 0
  #around: Element | undefined

  print(node: Node): void {
    if (node.kind === 'text') this.html += escapeHtml(unescape(node.text))
    else this.#element(node)
  }

  #children(node: Element): void {
    const outside = this.#around
    this.#around = node
    for (const [i, child] of node.children.entries()) this.#child(node, child, i)
    this.#around = outside
  }

  /** Notes that stand together are one group. */
  #child(parent: Element, child: Node, i: number): void {
    const isNote = child.kind === 'footnote' || child.kind === 'citation'
    if (isNote && parent.children[i - 1]?.kind !== child.kind) {
      this.html += `<div class="${child.kind}-list">\n`
    }
    this.print(child)
    if (isNote && parent.children[i + 1]?.kind !== child.kind) this.html += '</div>\n'
  }

  #wrap(node: Element, opening: string): void {
    const [name = ''] = opening.split(' ', 1)
    const [id, ...others] = node.ids ?? []
    const isBlock = !inlineNames.has(name)
    this.html += `<${opening}${attribute('id', id)}>`
    for (const other of others) this.html += `<span${attribute('id', other)}></span>`
    this.#children(node)
    this.html += `</${name}>${isBlock ? '\n' : ''}`
  }

  #element(node: Element): void {
    if (transparent.has(node.kind)) return this.#children(node)
    const tag = tags[node.kind]
    if (tag === undefined) return this.#special(node)
    if (node.kind === 'section') this.#level++
    if (node.kind === 'bullet-list' || node.kind.endsWith('-list')) this.#list(node, tag)
    else if (node.kind === 'figure') this.#figure(node)
    else if (node.kind === 'topic' && hasClass(node, 'contents'))
      this.#wrap(node, 'nav class="contents"')
    else if (node.kind === 'admonition') this.#wrap(node, `aside class="${admonitionClass(node)}"`)
    else this.#wrap(node, tag)
    if (node.kind === 'section') this.#level--
  }

  /** Identifiers of lists stand in front of them: inside, only items may. */
  #list(node: Element, tag: string): void {
    for (const id of node.ids ?? []) this.html += `<span${attribute('id', id)}></span>`
    this.#wrap(withoutIds(node), tag)
  }

  #special(node: Element): void {
    switch (node.kind) {
      case 'title':
        return this.#title(node)
      case 'enumerated-list':
        return this.#list(node, `ol${attribute('start', node.options?.['start'])}`)
      case 'term':
        return this.#wrap(node, 'dt')
      case 'field':
        return this.#children(node)
      case 'field-name':
        return this.#label(node)
      case 'field-body':
        return this.#wrap(node, 'dd')
      case 'option-group':
        return this.#optionGroup(node)
      case 'line':
        return this.#line(node)
      case 'attribution':
        return this.#attribution(node)
      case 'literal-block':
        return this.#code(node, node.options?.['language'])
      case 'doctest':
        return this.#code(node, 'pycon')
      case 'math-block':
      case 'math':
        return this.#math(node)
      case 'table':
        return this.#list(node, 'table')
      case 'entry':
        return this.#entry(node)
      case 'footnote':
      case 'citation':
        return this.#wrap(node, `div class="${node.kind}"`)
      case 'label':
        return this.#noteLabel(node)
      case 'transition':
        this.html += '<hr>\n'
        return
      case 'image':
        this.html += printImage(node)
        return
      case 'literal':
        return this.#literal(node)
      case 'inline':
        return this.#wrap(node, inlineTags.find((name) => hasClass(node, name)) ?? 'span')
      case 'reference':
        return this.#reference(node)
      case 'footnote-reference':
      case 'citation-reference':
        return this.#noteReference(node)
      case 'target':
        return this.#target(node)
      default:
        // Comments, definitions of substitutions and what has done its work.
        return
    }
  }

  #title(node: Element): void {
    const parent = this.#around?.kind
    if (parent === 'section') return this.#heading(node)
    if (parent === 'table') return this.#wrap(node, 'caption')
    if (this.#around && hasClass(this.#around, 'contents')) return this.#contentsTitle(node)
    this.#wrap(node, `p class="${parent ?? 'topic'}-title"`)
  }

  #contentsTitle(node: Element): void {
    this.html += '<p class="topic-title">'
    this.#wrap(node, 'a href="#top"')
    this.html += '</p>\n'
  }

  #heading(node: Element): void {
    const tag = `h${Math.min(this.#level, 6)}`
    this.html += `<${tag}>`
    if (node.refid === undefined) this.#children(node)
    else this.#wrap(node, `a${attribute('href', `#${node.refid}`)}`)
    this.html += `</${tag}>\n`
  }

  #label(node: Element): void {
    this.html += '<dt>'
    this.#children(node)
    this.html += ':</dt>\n'
  }

  #optionGroup(node: Element): void {
    this.html += '<dt><kbd>'
    for (const [i, option] of node.children.entries()) {
      if (i > 0) this.html += ', '
      this.print(option)
    }
    this.html += '</kbd></dt>\n'
  }

  #line(node: Element): void {
    this.html += '<div class="line">'
    this.#children(node)
    this.html += node.children.length === 0 ? '<br></div>\n' : '</div>\n'
  }

  #attribution(node: Element): void {
    this.html += '<p class="attribution">—'
    this.#children(node)
    this.html += '</p>\n'
  }

  #code(node: Element, language?: string): void {
    if (node.options?.['parsed'] !== undefined) return this.#wrap(node, 'pre')
    const name = (language ?? '').toLowerCase().replaceAll(/[^a-z0-9+#.-]/g, '')
    this.html += `<pre${attribute('id', node.ids?.[0])}><code${attribute('class', name && `language-${name}`)}>`
    // Literal: what looks like an escape is none.
    for (const child of node.children)
      if (child.kind === 'text') this.html += escapeHtml(child.text)
    this.html += '</code></pre>\n'
  }

  #math(node: Element): void {
    const [text] = node.children
    const formula = text?.kind === 'text' ? text.text : ''
    if (node.kind === 'math') {
      this.html += `<span class="math">\\(${escapeHtml(formula)}\\)</span>`
      return
    }
    const environment = /\\\\/.test(formula) ? 'align*' : 'equation*'
    this.html += `<div class="math"${attribute('id', node.ids?.[0])}>\n`
    this.html += `\\begin{${environment}}\n${escapeHtml(formula)}\n\\end{${environment}}\n</div>\n`
  }

  #entry(node: Element): void {
    const span = (name: string, count = 1): string =>
      count > 1 ? attribute(name, String(count)) : ''
    const tag = hasClass(node, 'head') ? 'th' : 'td'
    this.#wrap(node, tag + span('rowspan', node.rows) + span('colspan', node.columns))
  }

  /** With links back to where the note is referred to. */
  #noteLabel(node: Element): void {
    const backrefs = this.#around?.backrefs ?? []
    this.html += '<span class="label">['
    if (backrefs.length === 1) this.#wrap(node, `a${attribute('href', `#${backrefs[0]}`)}`)
    else this.#children(node)
    this.html += ']</span>\n'
    if (backrefs.length < 2) return
    const links = backrefs.map((id, i) => `<a${attribute('href', `#${id}`)}>${i + 1}</a>`)
    this.html += `<span class="backrefs">(${links.join(',')})</span>\n`
  }

  #literal(node: Element): void {
    this.html += '<code>'
    for (const child of node.children) {
      if (child.kind === 'text') this.html += escapeHtml(unescape(child.text).replaceAll('\n', ' '))
    }
    this.html += '</code>'
  }

  #reference(node: Element): void {
    const href = node.refid === undefined ? (node.uri ?? '') : `#${node.refid}`
    this.#wrap(node, `a${attribute('href', href) || ' href=""'}`)
  }

  #noteReference(node: Element): void {
    this.html += `<a${attribute('href', `#${node.refid ?? ''}`)}${attribute('id', node.ids?.[0])}>[`
    this.#children(node)
    this.html += ']</a>'
  }

  #target(node: Element): void {
    if (node.uri !== undefined || node.refname !== undefined || node.next) return
    for (const id of node.ids ?? []) this.html += `<span${attribute('id', id)}></span>`
  }

  #figure(node: Element): void {
    const align = node.classes?.find((name) => name.startsWith('align-'))
    this.html += `<figure${attribute('class', align)}${attribute('id', node.ids?.[0])}>\n`
    const [image, ...rest] = node.children
    if (image) this.print(image)
    if (rest.some((child) => isElement(child) && child.kind !== 'target')) {
      this.html += '<figcaption>\n'
      for (const child of rest) this.print(child)
      this.html += '</figcaption>\n'
    }
    this.html += '</figure>\n'
  }
}

const inlineNames: ReadonlySet<string> = new Set([
  ...['a', 'em', 'strong', 'sub', 'sup', 'cite', 'abbr', 'span', 'var', ...inlineTags],
])

function admonitionClass(node: Element): string {
  return ['admonition', ...(node.classes ?? [])].map(makeId).join(' ')
}

function withoutIds(node: Element): Element {
  const copy = { ...node }
  delete copy.ids
  return copy
}
