/** The pieces of a query's text: terms with their field, operators and parentheses. */

export const operators = ['NOT', 'AND', 'OR', 'ANDNOT', 'ANDMAYBE', 'REQUIRE'] as const
export type Operator = (typeof operators)[number]

export interface Term {
  readonly kind: 'term'
  /** As it was written before the colon; undefined for the text itself. */
  readonly field: string | undefined
  readonly text: string
  /** Between single quotes it is one value, between double quotes a phrase. */
  readonly quote: '' | "'" | '"'
  readonly isPrefix: boolean
  readonly boost: number
}

export type Token =
  | Term
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: '(' }
  | { readonly kind: ')' }

/** Quotes count where a term begins and, at their end, where one ends: `don't` has none. */
const TOKEN =
  /\s+|(?<paren>[()])|(?:(?<field>[\p{L}_]+):)?(?:'(?<single>[^']*)'|"(?<double>[^"]*)")(?<quotedTail>\*?(?:\^\d+(?:\.\d+)?)?)(?=[\s()]|$)|(?<plain>[^\s()]+)/gu

const PLAIN =
  /^(?:(?<field>[\p{L}_]+):)?(?<text>.*?)(?<star>\*?)(?:\^(?<boost>\d{1,3}(?:\.\d{1,3})?))?$/su

/** Never fails: whatever is no operator is a term. */
export function readTokens(query: string, most: number): { tokens: Token[]; isCut: boolean } {
  const tokens: Token[] = []
  for (const match of query.matchAll(TOKEN)) {
    const token = tokenOf(match.groups ?? {})
    if (!token) continue
    if (tokens.length >= most) return { tokens, isCut: true }
    tokens.push(token)
  }
  return { tokens, isCut: false }
}

type Groups = Readonly<Record<string, string | undefined>>

function tokenOf({ paren, field, single, double, quotedTail, plain }: Groups): Token | undefined {
  if (paren === '(' || paren === ')') return { kind: paren }
  if (plain !== undefined) return plainToken(plain)
  const text = single ?? double
  if (text === undefined) return undefined
  const [, star = '', boost] = /^(\*?)(?:\^(.+))?$/.exec(quotedTail ?? '') ?? []
  return {
    kind: 'term',
    field,
    text,
    quote: single === undefined ? '"' : "'",
    isPrefix: star === '*',
    boost: readBoost(boost),
  }
}

function plainToken(plain: string): Token {
  const operator = operators.find((one) => one === plain)
  if (operator) return { kind: 'operator', operator }
  const { field, text = plain, star, boost } = PLAIN.exec(plain)?.groups ?? {}
  return {
    kind: 'term',
    field,
    text,
    quote: '',
    isPrefix: star === '*',
    boost: readBoost(boost),
  }
}

const HIGHEST_BOOST = 100

const readBoost = (text: string | undefined): number =>
  text === undefined ? 1 : Math.min(Number(text), HIGHEST_BOOST)
