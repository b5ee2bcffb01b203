/** Finds where inline markup begins, looking at each character a bounded number of times. */
import { isWhitespace, isWordAt, mayFollow, mayPrecede, SIMPLE_NAME } from './characters.ts'

export type StartKind = '*' | '**' | '``' | '`' | '_`' | '|' | 'reference' | 'footnote'

export interface Start {
  readonly kind: StartKind
  /** Where the whole construct begins, its role included. */
  readonly from: number
  /** Behind the start-string; behind the whole construct for references. */
  readonly to: number
  readonly role?: string
  /** The name of a reference or footnote. */
  readonly name?: string
  readonly anonymous?: boolean
}

const footnoteMark = new RegExp(
  String.raw`\[([0-9]+|#(?:${SIMPLE_NAME})?|\*|${SIMPLE_NAME})\]_`,
  'uy',
)
const candidate = /[*`|_[]/g

/** The first start of inline markup in `text` from `origin` on, which counts as the text's beginning. */
export function findStart(text: string, origin: number): Start | undefined {
  candidate.lastIndex = origin
  for (let found = candidate.exec(text); found; found = candidate.exec(text)) {
    const at = found.index
    const start = startAt(text, at, origin)
    if (start) return start
    candidate.lastIndex = at + 1
  }
  return undefined
}

function startAt(text: string, at: number, origin: number): Start | undefined {
  switch (text[at]) {
    case '_':
      return inlineTarget(text, at, origin) ?? reference(text, at, origin)
    case '`':
      return backquote(text, at, origin)
    case '[':
      return isPreceded(text, at, origin) ? footnote(text, at) : undefined
    case '|':
      if (text[at + 1] === '|') return undefined
      return simple(text, { kind: '|', from: at, to: at + 1 }, origin)
    default:
      return (
        simple(text, { kind: '**', from: at, to: at + 2 }, origin) ??
        (text[at + 1] === '*'
          ? undefined
          : simple(text, { kind: '*', from: at, to: at + 1 }, origin))
      )
  }
}

/** A start-string stands behind white space or punctuation, and before something to mark. */
function simple(text: string, start: Start, origin: number): Start | undefined {
  if (start.kind === '**' && text[start.from + 1] !== '*') return undefined
  if (isWhitespace(text[start.to]) || !isPreceded(text, start.from, origin)) return undefined
  return start
}

function isPreceded(text: string, at: number, origin: number): boolean {
  return at === origin || mayPrecede(text[at - 1] ?? '')
}

function inlineTarget(text: string, at: number, origin: number): Start | undefined {
  if (text[at + 1] !== '`') return undefined
  return simple(text, { kind: '_`', from: at, to: at + 2 }, origin)
}

function backquote(text: string, at: number, origin: number): Start | undefined {
  if (text[at + 1] === '`') return simple(text, { kind: '``', from: at, to: at + 2 }, origin)
  if (isWhitespace(text[at + 1])) return undefined
  const role = roleBefore(text, at, origin)
  if (role) return role
  return simple(text, { kind: '`', from: at, to: at + 1 }, origin)
}

/** `:role:` directly before a backquote. */
function roleBefore(text: string, at: number, origin: number): Start | undefined {
  if (text[at - 1] !== ':' || at - 1 < origin) return undefined
  const chain = chainStart(text, at - 1, origin)
  if (chain === at - 1) return undefined
  // The chain may hold colons itself: the first one at which a role may begin counts.
  const first = text[chain - 1] === ':' && chain > origin ? chain - 1 : chain
  for (let from = first; from < at - 2; from++) {
    if (text[from] === ':' && isPreceded(text, from, origin)) {
      return { kind: '`', from, to: at + 1, role: text.slice(from + 1, at - 1) }
    }
  }
  return undefined
}

function reference(text: string, at: number, origin: number): Start | undefined {
  if (at === origin || !isWordAt(text, at - 1)) return undefined
  const isDouble = text[at + 1] === '_' && mayFollow(text[at + 2])
  if (!isDouble && !mayFollow(text[at + 1])) return undefined
  const chain = chainStart(text, at, origin)
  for (let from = chain; from < at; from++) {
    if (isPreceded(text, from, origin) && isWordAt(text, from)) {
      const to = at + (isDouble ? 2 : 1)
      return { kind: 'reference', from, to, name: text.slice(from, at), anonymous: isDouble }
    }
  }
  return undefined
}

/** Where the simple name begins that ends before `end`: letters and digits, single punctuation in between. */
function chainStart(text: string, end: number, origin: number): number {
  let from = end
  while (from > origin) {
    if (isWordAt(text, from - 1)) from--
    else if ('-._+:'.includes(text[from - 1] ?? ' ') && from < end && from - 1 > origin) {
      if (!isWordAt(text, from) || !isWordAt(text, from - 2)) break
      from--
    } else break
  }
  return from
}

function footnote(text: string, at: number): Start | undefined {
  footnoteMark.lastIndex = at
  const found = footnoteMark.exec(text)
  if (!found || !mayFollow(text[at + found[0].length])) return undefined
  return { kind: 'footnote', from: at, to: at + found[0].length, name: found[1] ?? '' }
}
