/** Environment markers (PEP 508), judged for an installation of which much may be unknown: then they may hold. */
import { normalizeName } from './name.ts'
import { matches, parseSpecifiers } from './specifier.ts'
import { parseVersion } from './version.ts'

/** By variable, all values that it may have. A variable that is not named is unknown. */
export type MarkerValues = Readonly<Record<string, readonly string[]>>

const TOKEN =
  /\s*(?:([()])|'([^']*)'|"([^"]*)"|(===|~=|==|!=|<=|>=|<|>)|([A-Za-z_][A-Za-z_.0-9]*))/y
const LONGEST = 10_000
const DEEPEST = 50
const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' }

interface Token {
  readonly kind: 'paren' | 'text' | 'operator' | 'word'
  readonly text: string
}

/** Whether it holds, or may; undefined if it can't be understood. */
export function mayHold(marker: string, values: MarkerValues): boolean | undefined {
  const tokens = tokenize(marker)
  if (!tokens) return undefined
  const reader = new Reader(tokens, values)
  try {
    const answer = reader.readOr(0)
    return reader.isAtEnd ? answer : undefined
  } catch (error) {
    if (error instanceof Misspelt) return undefined
    throw error
  }
}

class Misspelt extends Error {}

function tokenize(marker: string): Token[] | undefined {
  if (marker.length > LONGEST) return undefined
  const tokens: Token[] = []
  const text = marker.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text)
    if (!found) return undefined
    const [, paren, single, double, operator, word] = found
    if (paren !== undefined) tokens.push({ kind: 'paren', text: paren })
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else tokens.push({ kind: 'text', text: single ?? double ?? '' })
  }
  return tokens
}

class Reader {
  readonly #tokens: readonly Token[]
  readonly #values: MarkerValues
  #at = 0

  constructor(tokens: readonly Token[], values: MarkerValues) {
    this.#tokens = tokens
    this.#values = values
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length
  }

  readOr(depth: number): boolean {
    let answer = this.#readAnd(depth)
    while (this.#takeWord('or')) answer = this.#readAnd(depth) || answer
    return answer
  }

  #readAnd(depth: number): boolean {
    let answer = this.#readOne(depth)
    while (this.#takeWord('and')) answer = this.#readOne(depth) && answer
    return answer
  }

  #readOne(depth: number): boolean {
    if (depth > DEEPEST) throw new Misspelt()
    const first = this.#next()
    if (first.kind === 'paren' && first.text === '(') {
      const answer = this.readOr(depth + 1)
      if (this.#next().text !== ')') throw new Misspelt()
      return answer
    }
    return this.#compare(first, this.#readOperator(), this.#next())
  }

  #readOperator(): string {
    const token = this.#next()
    if (token.kind === 'operator' || token.text === 'in') return token.text
    if (token.text === 'not' && this.#takeWord('in')) return 'not in'
    throw new Misspelt()
  }

  #compare(left: Token, operator: string, right: Token): boolean {
    if (left.kind === 'word' && right.kind === 'text') {
      const all = this.#values[left.text]
      return !all || all.some((value) => compare(left.text, [value, operator, right.text]))
    }
    if (left.kind === 'text' && right.kind === 'word') {
      const all = this.#values[right.text]
      const flipped = FLIPPED[operator] ?? operator
      return (
        !all ||
        all.some((value) =>
          operator.endsWith('in')
            ? value.includes(left.text) === (operator === 'in')
            : compare(right.text, [value, flipped, left.text]),
        )
      )
    }
    throw new Misspelt()
  }

  #next(): Token {
    const token = this.#tokens[this.#at++]
    if (!token) throw new Misspelt()
    return token
  }

  #takeWord(word: string): boolean {
    const token = this.#tokens[this.#at]
    const isIt = token?.kind === 'word' && token.text === word
    if (isIt) this.#at++
    return isIt
  }
}

function compare(
  variable: string,
  [value, operator, wanted]: readonly [string, string, string],
): boolean {
  if (operator === 'in') return wanted.includes(value)
  if (operator === 'not in') return !wanted.includes(value)
  if (variable === 'extra') {
    const isSame = normalizeName(value) === normalizeName(wanted)
    return isSame === (operator !== '!=')
  }
  const version = parseVersion(value)
  const specifiers = version && parseSpecifiers(`${operator}${wanted}`)
  if (version && specifiers) return matches(specifiers, version)
  if (operator === '==' || operator === '===') return value === wanted
  if (operator === '!=') return value !== wanted
  if (operator === '<' || operator === '<=')
    return value < wanted || (operator === '<=' && value === wanted)
  return value > wanted || (operator !== '>' && value === wanted)
}
