/**
 * devpi-web's query language (devpi-web 11.4) with phrases: a text to a tree. It never fails; what can't be meant is
 * taken as words, with a note.
 */
import { projectFields, type ProjectField, type Query, type QueryNode } from './query.ts'
import { operators, readTokens, type Operator, type Term, type Token } from './query-tokens.ts'
import { listWords } from './words.ts'

/** Longer texts are cut. */
const LONGEST = 1000
const MOST_TOKENS = 60
const DEEPEST = 12

export function parseQuery(text: string): Query {
  const notes = new Set<string>()
  if (text.length > LONGEST) notes.add(`Only the first ${LONGEST} characters were searched for.`)
  const { tokens, isCut } = readTokens(text.slice(0, LONGEST).toWellFormed(), MOST_TOKENS)
  if (isCut) notes.add(`Only the first ${MOST_TOKENS} terms were searched for.`)
  const node = new Parser(tokens, notes).parse()
  return { node: node ? relax(node) : { kind: 'nothing' }, notes: [...notes] }
}

/** A single letter beside longer words is only wished for, as it has no weight with devpi-web. */
function relax(node: QueryNode): QueryNode {
  if (node.kind !== 'and') return node
  const letters = node.nodes.filter(isLetter)
  const others = node.nodes.filter((one) => !isLetter(one))
  const [optional, needed] = [join('and', letters), join('and', others)]
  return optional && needed ? { kind: 'maybe', node: needed, optional } : node
}

const isLetter = (node: QueryNode): boolean =>
  node.kind === 'word' && !node.isPrefix && Array.from(node.word).length === 1

type Item = QueryNode | Operator

interface Group {
  readonly node: QueryNode | undefined
  readonly isClosed: boolean
}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #notes: Set<string>
  #at = 0

  constructor(tokens: readonly Token[], notes: Set<string>) {
    this.#tokens = tokens
    this.#notes = notes
  }

  parse(): QueryNode | undefined {
    const nodes: QueryNode[] = []
    while (this.#at < this.#tokens.length) {
      const { node, isClosed } = this.#group(0)
      if (node) nodes.push(node)
      if (isClosed) this.#note('A parenthesis too many was ignored.')
    }
    return join('and', nodes)
  }

  /** Up to the parenthesis that closes it, or to the end. */
  #group(depth: number): Group {
    const items: Item[] = []
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at++]!
      if (token.kind === ')') return { node: this.#reduce(items), isClosed: true }
      if (token.kind === '(') {
        if (depth >= DEEPEST) this.#note('Parentheses were nested too deeply to be looked at.')
        else {
          const { node, isClosed } = this.#group(depth + 1)
          if (node) items.push(node)
          if (!isClosed) this.#note('A parenthesis was not closed.')
        }
      } else if (token.kind === 'operator') items.push(token.operator)
      else {
        const node = this.#term(token)
        if (node) items.push(node)
      }
    }
    return { node: this.#reduce(items), isClosed: false }
  }

  /** As devpi-web's parser has it: operators bind what stands beside them, before all are joined. */
  #reduce(items: Item[]): QueryNode | undefined {
    this.#reduceNot(items)
    for (const operator of operators) {
      if (operator !== 'NOT') this.#reduceInfix(items, operator)
    }
    return join('and', items.filter(isNode))
  }

  #reduceNot(items: Item[]): void {
    for (let at = items.length - 1; at >= 0; at--) {
      if (items[at] !== 'NOT') continue
      const node = items[at + 1]
      if (isNode(node)) items.splice(at, 2, { kind: 'not', node })
      else this.#dropOperator(items, at, 'NOT')
    }
  }

  #reduceInfix(items: Item[], operator: Operator): void {
    for (let at = 0; at < items.length; at++) {
      if (items[at] !== operator) continue
      const [left, right] = [items[at - 1], items[at + 1]]
      if (isNode(left) && isNode(right)) {
        items.splice(at - 1, 3, combine(operator, left, right))
        at -= 1
      } else this.#dropOperator(items, at--, operator)
    }
  }

  #dropOperator(items: Item[], at: number, operator: Operator): void {
    this.#note(`${operator} has nothing to work on here and was ignored.`)
    items.splice(at, 1)
  }

  #term(term: Term): QueryNode | undefined {
    const { field, text } = term
    if (field === undefined || field === 'text') return this.#words(term, text)
    if (isField(field)) return this.#field(field, term)
    if (text === '') return this.#words(term, field)
    this.#note(`There is no field '${field}': it was searched for as a word.`)
    return join(
      'and',
      [this.#words(term, field), this.#words(term, text)].filter((node) => node !== undefined),
    )
  }

  #field(field: ProjectField, { text, isPrefix }: Term): QueryNode | undefined {
    const value = text.trim()
    if (value === '' && !isPrefix) {
      this.#note(`${field}: needs a value and was ignored.`)
      return undefined
    }
    if (field === 'serial' && !/^\d{1,15}$/.test(value)) {
      this.#note('serial: needs a number.')
      return { kind: 'nothing' }
    }
    return { kind: 'field', field, value, isPrefix }
  }

  #words({ quote, isPrefix, boost }: Term, text: string): QueryNode | undefined {
    const words = listWords(text)
    if (quote === '"' && words.length > 1) return { kind: 'phrase', words, boost }
    const nodes = words.map((word, at): QueryNode => {
      const isLast = at === words.length - 1
      return { kind: 'word', word, isPrefix: isPrefix && isLast, boost }
    })
    if (nodes.length === 0 && text !== '')
      this.#note('Signs without letters can’t be searched for.')
    return join('and', nodes)
  }

  #note(text: string): void {
    this.#notes.add(text)
  }
}

const isNode = (item: Item | undefined): item is QueryNode =>
  item !== undefined && typeof item !== 'string'

const isField = (text: string): text is ProjectField =>
  projectFields.some((field) => field === text)

/** Nothing at all where there is nothing to join. */
function join(kind: 'and' | 'or', nodes: readonly QueryNode[]): QueryNode | undefined {
  if (nodes.length <= 1) return nodes[0]
  return { kind, nodes: nodes.flatMap((node) => (node.kind === kind ? node.nodes : [node])) }
}

function combine(operator: Operator, left: QueryNode, right: QueryNode): QueryNode {
  switch (operator) {
    case 'OR':
      return join('or', [left, right])!
    case 'ANDNOT':
      return join('and', [left, { kind: 'not', node: right }])!
    case 'ANDMAYBE':
      return { kind: 'maybe', node: left, optional: right }
    default:
      return join('and', [left, right])!
  }
}
