/** What a client takes: media types (`Accept`) and content codings (`Accept-Encoding`), with their q. */

export interface MediaRange {
  /** In lower case; a star stands for any. */
  readonly type: string
  /** 0 to 1; 0 is "not this". */
  readonly q: number
  /** Parameters other than `q`, in lower case. */
  readonly params: Readonly<Record<string, string>>
}

const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const weight = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/
const coding = /^\s*([^\s;]+)\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?$/i
const encodings = ['zstd', 'br', 'gzip', 'identity'] as const

/** The ranges in their order (which means nothing); `[]` when absent or empty. */
export function parseAccept(header: string | undefined): readonly MediaRange[] | 'invalid' {
  const ranges: MediaRange[] = []
  for (const item of splitOutsideQuotes(header ?? '', ',')) {
    if (item.trim() === '') continue
    const range = parseRange(item)
    if (!range) return 'invalid'
    ranges.push(range)
  }
  return ranges
}

/**
 * The q of a type: the most specific range decides. 0 when no range has it. A range with parameters
 * matches nothing: nothing here is offered with any.
 */
export function quality(ranges: readonly MediaRange[], type: string): number {
  const family = `${type.slice(0, type.indexOf('/'))}/*`
  for (const wanted of [type, family, '*/*']) {
    const range = ranges.find((one) => one.type === wanted && isEmpty(one.params))
    if (range) return range.q
  }
  return 0
}

/** The offered type that the client likes best, the first of equals; undefined if it takes none. */
export function bestType<T extends string>(
  header: string | undefined,
  offered: readonly T[],
): T | undefined {
  const parsed = parseAccept(header)
  if (parsed === 'invalid') return undefined

  let best: T | undefined
  let bestQ = 0
  for (const type of offered) {
    const q = quality(parsed, type)
    if (q > bestQ) [best, bestQ] = [type, q]
  }
  return best
}

export type Encoding = (typeof encodings)[number]

/**
 * The codings that the client takes, best first, ours before its order where q is equal. `identity`
 * is in it unless it is excluded by name or by `*`.
 */
export function acceptsEncoding(header: string | undefined): readonly Encoding[] {
  if (header === undefined) return ['identity']
  const q = new Map<string, number>()
  for (const item of header.split(',')) {
    const match = coding.exec(item)
    if (!match?.[1]) continue
    const name = match[1].toLowerCase()
    const value = match[2] === undefined ? 1 : Number(match[2])
    q.set(name === 'x-gzip' ? 'gzip' : name, value >= 0 && value <= 1 ? value : 0)
  }

  const other = q.get('*')
  const of = (name: Encoding): number =>
    q.get(name) ?? (name === 'identity' ? (other === 0 ? 0 : 0.0001) : (other ?? 0))
  return encodings.filter((name) => of(name) > 0).toSorted((a, b) => of(b) - of(a))
}

function parseRange(item: string): MediaRange | undefined {
  const [typePart = '', ...rest] = splitOutsideQuotes(item, ';')
  const type = typePart.trim().toLowerCase()
  const [major = '', minor = '', ...more] = type.split('/')
  if (more.length > 0 || !token.test(major) || !token.test(minor)) return undefined
  if (major === '*' && minor !== '*') return undefined

  let q = 1
  const params: Record<string, string> = {}
  for (const part of rest) {
    const at = part.indexOf('=')
    const name = part.slice(0, at).trim().toLowerCase()
    const value = part.slice(at + 1).trim()
    if (at < 0 || !token.test(name)) return undefined
    if (name !== 'q') params[name] = value.toLowerCase()
    else if (weight.test(value)) q = Number(value)
    else return undefined
  }
  return { type, q, params }
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator)
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    if (quoted && text[i] === '\\') i++
    else if (text[i] === '"') quoted = !quoted
    else if (!quoted && text[i] === separator) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

function isEmpty(params: Readonly<Record<string, string>>): boolean {
  return Object.keys(params).length === 0
}
