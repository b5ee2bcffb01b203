/** A query's tree as SQL: what full text search answers, and conditions for the rest. Values are always parameters. */
import { normalizeLoosely } from '#python/name'
import {
  documentTypes,
  hasPhrase,
  type FieldNode,
  type QueryNode,
  type WordNode,
} from '../query.ts'
import type { Wanted } from '../backend.ts'
import { idsOf } from './sqlite-ids.ts'

/** Both must hold. `DOCUMENT` in a condition is the number of the document, `p` its project. */
export interface Conditions {
  /** A text for MATCH. */
  readonly match?: string | undefined
  readonly sql?: string | undefined
  readonly values: readonly (string | number)[]
}

export interface IndexRow {
  readonly id: number
  readonly name: string
}

export interface Compiling extends Pick<Wanted, 'fit' | 'among'> {
  readonly indexes: readonly IndexRow[]
}

export function compileQuery(node: QueryNode, how: Compiling): Conditions {
  switch (node.kind) {
    case 'word':
      return { match: matchWord(node, how), values: [] }
    case 'phrase':
      // That the words stand side by side is seen in the text.
      return compileAll(node.words.map(asWord), how)
    case 'and':
      return compileAll(node.nodes, how)
    case 'or':
      return compileAny(node.nodes, how)
    case 'not':
      return compilePart(node, how)
    case 'maybe':
      return compileQuery(node.node, how)
    case 'field':
      return compileField(node, how.indexes)
    case 'all':
      return { sql: 'TRUE', values: [] }
    case 'nothing':
      return { sql: 'FALSE', values: [] }
  }
}

const asWord = (word: string): WordNode => ({ kind: 'word', word, isPrefix: false, boost: 1 })

function compileAll(nodes: readonly QueryNode[], how: Compiling): Conditions {
  const parts = nodes.map((node) => compilePart(node, how))
  const matches = parts.flatMap(({ match }) => match ?? [])
  const isMatched = matches.length > 0
  // Full text search can leave out by itself what it can find, where it has something to look for.
  const unwanted = isMatched ? parts.flatMap((part) => part.unwanted ?? []) : []
  const rest = parts.filter((part) => !isMatched || part.unwanted === undefined)
  const conditions = rest.flatMap(({ sql, values }) => (sql === undefined ? [] : [{ sql, values }]))
  const match = isMatched ? group(matches, 'AND') : undefined
  return {
    match: unwanted.length > 0 ? `(${match} NOT ${group(unwanted, 'OR')})` : match,
    sql:
      conditions.length > 0
        ? group(
            conditions.map(({ sql }) => sql),
            'AND',
          )
        : undefined,
    values: conditions.flatMap(({ values }) => values),
  }
}

/** Of what must not be there also what full text search would find of it, if that is all. */
function compilePart(
  node: QueryNode,
  how: Compiling,
): Conditions & { readonly unwanted?: string | undefined } {
  if (node.kind !== 'not') return compileQuery(node, how)
  // Phrases are looked for in the texts that are found.
  if (hasPhrase(node.node)) return { sql: 'TRUE', values: [] }
  // Whatever must not be there must not be there as any part of a word.
  const inner = compileQuery(node.node, { ...how, fit: 'part' })
  const { sql, values } = asSql(inner)
  return {
    sql: `NOT ${sql}`,
    values,
    unwanted: inner.sql === undefined ? inner.match : undefined,
  }
}

function compileAny(nodes: readonly QueryNode[], how: Compiling): Conditions {
  const parts = nodes.map((node) => compileQuery(node, how))
  if (parts.every(({ match, sql }) => match !== undefined && sql === undefined)) {
    return {
      match: group(
        parts.map(({ match = '' }) => match),
        'OR',
      ),
      values: [],
    }
  }
  const conditions = parts.map(asSql)
  return {
    sql: group(
      conditions.map(({ sql }) => sql),
      'OR',
    ),
    values: conditions.flatMap(({ values }) => values),
  }
}

const group = (parts: readonly string[], operator: 'AND' | 'OR'): string =>
  parts.length === 1 ? parts[0]! : `(${parts.join(` ${operator} `)})`

/** The same without MATCH, which can't stand below OR and NOT. */
function asSql({ match, sql, values }: Conditions): {
  sql: string
  values: readonly (string | number)[]
} {
  if (match === undefined) return { sql: sql ?? 'TRUE', values }
  const found = 'DOCUMENT IN (SELECT rowid FROM fts WHERE fts MATCH ?)'
  return sql === undefined
    ? { sql: found, values: [match] }
    : { sql: `(${found} AND ${sql})`, values: [match, ...values] }
}

/** What may follow two letters: the tokens have three. */
const FOLLOWING = Array.from('abcdefghijklmnopqrstuvwxyz0123456789_. ')

function matchWord({ word: asked, isPrefix }: WordNode, { fit, among }: Compiling): string {
  // Names are there in normal form, in parts.
  const word = among === 'names' ? asked.replaceAll(/[._]+/g, ' ') : asked
  const length = Array.from(word).length
  if (fit === 'whole' && !isPrefix) return quote(` ${word} `)
  if (length === 1) return isPrefix ? startOf(word) : quote(` ${word} `)
  if (fit !== 'part' || isPrefix) return quote(` ${word}`)
  if (length > 2) return quote(word)
  return `(${FOLLOWING.map((letter) => quote(word + letter)).join(' OR ')})`
}

/** Words that begin with this letter. */
const startOf = (letter: string): string =>
  `(${FOLLOWING.map((next) => quote(` ${letter}${next}`)).join(' OR ')})`

/** Words have no quotes; doubled they could do no harm. */
const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`

function compileField(node: FieldNode, indexes: readonly IndexRow[]): Conditions {
  const { field, value, isPrefix } = node
  switch (field) {
    case 'classifiers':
    case 'keywords': {
      const tagged = range('value', value.toLowerCase(), isPrefix)
      const sql = `p.id IN (SELECT project FROM tag WHERE field = ? AND ${tagged.sql})`
      return { sql, values: [field, ...tagged.values] }
    }
    case 'name':
      return named(node, normalizeLoosely(value), indexes)
    case 'serial':
      return { sql: 'p.serial = ?', values: [Number(value)] }
    case 'type':
      return ofTypes(value, isPrefix)
    case 'path':
      return compilePath(node, indexes)
    default: {
      const part = field === 'user' ? 0 : 1
      const fits = (name = '') => (isPrefix ? name.startsWith(value) : name === value)
      return inIndexes(indexes.filter(({ name }) => fits(name.split('/')[part])))
    }
  }
}

function ofTypes(value: string, isPrefix: boolean): Conditions {
  const wanted = value.toLowerCase()
  const types = documentTypes.filter((type) =>
    isPrefix ? type.startsWith(wanted) : type === wanted,
  )
  if (types.length === 0) return { sql: 'FALSE', values: [] }
  return {
    sql: group(
      types.map(() => '(DOCUMENT >= ? AND DOCUMENT < ?)'),
      'OR',
    ),
    values: types.flatMap(idsOf),
  }
}

/** `/user/index/name`; without a name it is all of the index, and with `*` all that begins so. */
function compilePath({ value, isPrefix }: FieldNode, indexes: readonly IndexRow[]): Conditions {
  const path = `/${value.replace(/^\/+/, '')}`
  const whole = indexes.filter(({ name }) => {
    const folder = `/${name}/`
    return `${path.replace(/\/+$/, '')}/` === folder || (isPrefix && folder.startsWith(path))
  })
  const holder = indexes.find(({ name }) => path.startsWith(`/${name}/`))
  const project = holder && path.slice(holder.name.length + 2)
  if (!holder || !project || whole.length > 0) return inIndexes(whole)
  return named({ isPrefix }, normalizeLoosely(project), [holder])
}

/** By the index of names, which is no longer than what is looked for in it. */
function named(
  { isPrefix }: Pick<FieldNode, 'isPrefix'>,
  name: string,
  indexes: readonly IndexRow[],
): Conditions {
  const { sql, values } = range('name', name, isPrefix)
  const ids = JSON.stringify(indexes.map(({ id }) => id))
  return {
    sql: `p.id IN (SELECT id FROM project WHERE of_index IN (SELECT value FROM json_each(?)) AND ${sql})`,
    values: [ids, ...values],
  }
}

export const inIndexes = (indexes: readonly IndexRow[]): Conditions => ({
  sql: 'p.of_index IN (SELECT value FROM json_each(?))',
  values: [JSON.stringify(indexes.map(({ id }) => id))],
})

function range(
  column: string,
  value: string,
  isPrefix: boolean,
): { sql: string; values: (string | number)[] } {
  if (!isPrefix) return { sql: `${column} = ?`, values: [value] }
  if (value === '') return { sql: 'TRUE', values: [] }
  return { sql: `(${column} >= ? AND ${column} < ?)`, values: [value, `${value}\u{10ffff}`] }
}
