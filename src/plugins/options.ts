/** Kinds of index options; amounts have `amount-options`. Each refuses what it can't be when it is set, and says where the mistake is. */
import { normalizeName } from '#python/name'
import { atOnce, inTurns, type Steps } from '#python/steps'
import type { OptionKind } from '#registry/hooks'
import { invalid, readBoolean, readList } from '#registry/option-values'
import { pythonRepr } from '#registry/python-text'

export interface Described {
  /** One sentence for the reference. */
  readonly doc: string
}

export function flagOption({ doc }: Described): OptionKind<boolean> {
  return { doc, input: { kind: 'flag' }, store: readBoolean, parse: (stored) => stored as boolean }
}

/** One of some words. */
export function choiceOption<const Word extends string>({
  doc,
  words,
}: Described & { readonly words: readonly Word[] }): OptionKind<Word> {
  return {
    doc,
    input: { kind: 'choice', words },
    store(value, name) {
      const word = typeof value === 'string' ? value.trim().toLowerCase() : value
      const known = words.find((one) => one === word)
      if (known !== undefined) return known
      const shown = pythonRepr(value).slice(0, 100)
      throw invalid(`'${name}' option must be one of ${words.join(', ')}, not ${shown}`)
    },
    parse: (stored) => stored as Word,
  }
}

/** Projects, stored by their normalised names. */
export function namesOption({ doc }: Described): OptionKind<ReadonlySet<string>> {
  return {
    doc,
    input: { kind: 'list' },
    store: (value, name) => readList(value, name).map(normalizeName),
    parse: (stored) => new Set(stored as readonly string[]),
  }
}

/**
 * A list of texts, each of which `read` turns into what the policy works with. Where a member is wrong, `read` gives a
 * `Mistake`, and the refusal names the member by its number, from 1.
 */
export function listOption<T>({
  doc,
  read,
  split,
}: Described & {
  readonly read: (member: string) => T | Mistake
  /** How a plain text is taken apart; at commas, where nothing is said. */
  readonly split?: (text: string) => readonly string[]
}): OptionKind<readonly T[]> {
  return {
    doc,
    input: { kind: 'list' },
    store(value, name) {
      const list = typeof value === 'string' && split ? split(value) : value
      const members = readList(list, name)
      for (const [at, member] of members.entries()) {
        const result = read(member)
        if (!(result instanceof Mistake)) continue
        const shown = pythonRepr(member.slice(0, 100))
        throw invalid(`'${name}' has a mistake in member ${at + 1}, ${shown}: ${result.problem}`)
      }
      return members
    },
    // Of what an earlier version stored, a member may be refused by now: then it means nothing.
    parse: (stored) =>
      (stored as readonly string[])
        .map(read)
        .filter(
          (member): member is Exclude<typeof member, Mistake> => !(member instanceof Mistake),
        ),
  }
}

export class Mistake {
  /** Completes "member 2, 'foo >> 1': …". */
  readonly problem: string

  constructor(problem: string) {
    this.problem = problem
  }
}

/**
 * A text of many lines. `read` gives what the policy works with, or, as a text, what is wrong with it. It goes in steps, and
 * keeps what it has read: a long text is read ahead of what needs it at once.
 */
export function textOption<T extends object>({
  doc,
  longest,
  read,
}: Described & {
  /** In characters. */
  readonly longest: number
  readonly read: (text: string) => Steps<T | string>
}): OptionKind<T> {
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && value.length <= longest && value.isWellFormed()
  return {
    doc,
    input: { kind: 'document' },
    async readAhead(value) {
      if (isText(value)) await inTurns(read(value))
    },
    store(value, name) {
      if (!isText(value))
        throw invalid(`'${name}' option must be a text of at most ${longest} characters`)
      const result = atOnce(read(value))
      if (typeof result === 'string') throw invalid(`'${name}' has a mistake in ${result}`)
      return value
    },
    parse: (stored) => atOnce(read(stored as string)) as T,
  }
}
