/** Numbers for sections, and tables of contents. */
import { isElement, makeElement, makeText, walk, type Element, type Node } from './nodes.ts'
import type { Budget } from './problem.ts'
import type { Registry } from './registry.ts'

interface Place {
  readonly pending: Element
  readonly topic: Element
  /** The section or document around it. */
  readonly around: Element
}

export function addContents(registry: Registry): void {
  for (const node of walk(registry.root)) {
    if (isPending(node, 'numbers')) numberSections(registry, node)
  }
  for (const place of findPlaces(registry.root)) fill(registry, place)
}

function isPending(node: Node, what: string): node is Element {
  return isElement(node, 'pending') && node.options?.['for'] === what
}

function numberSections({ root, budget }: Registry, { options = {} }: Element): void {
  const deepest = Number(options['depth'] ?? Infinity)
  const { prefix = '', suffix = '' } = options
  const number = (parent: Element, before: readonly number[]): void => {
    let count = before.length === 0 ? Number(options['start'] ?? 1) : 1
    for (const section of sectionsIn(parent, budget)) {
      const numbers = [...before, count++]
      const text = `${prefix}${numbers.join('.')}${suffix} `
      titleOf(section)?.children.unshift(makeElement('section-number', [makeText(text)]))
      if (numbers.length < deepest) number(section, numbers)
    }
  }
  number(root, [])
}

/** A text may ask for this again and again. */
function sectionsIn(node: Element, budget: Budget): Element[] {
  budget.spend(node.children.length)
  return node.children.filter((child) => isElement(child, 'section'))
}

function titleOf(section: Element): Element | undefined {
  const [title] = section.children
  return isElement(title, 'title') ? title : undefined
}

function* findPlaces(node: Element, around = node): Generator<Place> {
  for (const child of node.children) {
    if (child.kind === 'text') continue
    const pending = child.children.find((each) => isPending(each, 'contents'))
    if (pending && isElement(pending)) yield { pending, topic: child, around }
    else yield* findPlaces(child, child.kind === 'section' ? child : around)
  }
}

function fill(registry: Registry, { pending, topic, around }: Place): void {
  const { options = {} } = pending
  const start = options['local'] === undefined ? registry.root : around
  const list = new List(registry, topic, options).build(start, 1)
  topic.children = topic.children.filter((child) => child !== pending)
  if (list) topic.children.push(list)
  // Without anything in it, it is not there at all.
  else topic.kind = 'comment'
}

class List {
  readonly #registry: Registry
  readonly #budget: Budget
  readonly #topic: Element
  readonly #deepest: number
  readonly #backlinks: string

  constructor(registry: Registry, topic: Element, options: Readonly<Record<string, string>>) {
    this.#registry = registry
    this.#budget = registry.budget
    this.#topic = topic
    this.#deepest = Number(options['depth'] ?? Infinity)
    this.#backlinks = options['backlinks'] ?? 'entry'
  }

  build(node: Element, level: number): Element | undefined {
    const items = sectionsIn(node, this.#budget).map((section) => this.#item(section, level))
    return items.length === 0 ? undefined : makeElement('bullet-list', items)
  }

  #item(section: Element, level: number): Element {
    const title = titleOf(section)
    const entry = makeElement('reference', title ? this.#copy(title) : [])
    entry.refid = section.ids?.[0] ?? ''
    const id = this.#registry.setId(entry, 'toc-entry')
    if (title) this.#linkBack(title, id)
    const item = makeElement('list-item', [makeElement('paragraph', [entry])])
    const below = level < this.#deepest ? this.build(section, level + 1) : undefined
    if (below) item.children.push(below)
    return item
  }

  #linkBack(title: Element, id: string): void {
    if (this.#backlinks === 'none') return
    for (const node of walk(title)) if (node.kind === 'reference') return
    title.refid = this.#backlinks === 'top' ? (this.#topic.ids?.[0] ?? '') : id
  }

  /** The title without links and notes, and with texts instead of images. */
  #copy(node: Element): Node[] {
    return node.children.flatMap((child): Node[] => {
      this.#budget.spend(20)
      if (child.kind === 'text') return [{ ...child }]
      if (child.kind === 'footnote-reference' || child.kind === 'citation-reference') return []
      if (child.kind === 'image') {
        const alt = child.options?.['alt']
        return alt === undefined ? [] : [makeText(alt)]
      }
      const children = this.#copy(child)
      if (['reference', 'target', 'inline-target'].includes(child.kind)) return children
      return [{ ...withoutIds(child), children }]
    })
  }
}

function withoutIds(node: Element): Element {
  const copy = { ...node }
  delete copy.ids
  return copy
}
