/** Changes of index options as a list of edits: `key=value`, `key+=value`, `key-=value`, `key-=`. */
import {
  assertSameType,
  hasInitial,
  readOptions,
  type MoreOptions,
  type OptionBody,
} from './index-options.ts'
import type { IndexEntry } from './indexes.ts'
import { invalid } from './option-values.ts'
import { pythonRepr, pythonText } from './python-text.ts'

type IndexType = IndexEntry['type']

const MAX_EDITS = 1000
/** Characters of one edit: a list of many names, or a lock file. Each option has its own limit. */
const MAX_EDIT = 4 * 1024 * 1024

/**
 * Applies the edits in their order, then reads the whole again, so that an option which has become invalid
 * since (a base that was removed) is refused unless an edit mends it.
 */
export function applyOptionEdits(
  before: IndexEntry,
  edits: readonly unknown[],
  more?: MoreOptions,
): IndexEntry {
  if (edits.length > MAX_EDITS) throw invalid(`at most ${MAX_EDITS} changes may be made at once`)
  const options = new Map<string, unknown>(Object.entries(before))
  for (const edit of edits) applyEdit(before.type, options, readEdit(edit))

  assertSameType(before, options.get('type') ?? null)
  options.delete('index') // echoed by clients, without effect
  const changed = readOptions(before.type, Object.fromEntries(options), more)
  return { type: before.type, ...changed } as unknown as IndexEntry
}

/** Reads ahead what of a change takes long to read: all wait for whoever writes. */
export async function readAhead(
  change: OptionBody | readonly unknown[],
  more: MoreOptions,
): Promise<void> {
  for (const [name, { readAhead: read }] of Object.entries(more)) {
    if (!read) continue
    if (!isList(change)) await read(change[name])
    else for (const edit of change) await read(valueOf(edit, `${name}=`))
  }
}

const isList = (change: OptionBody | readonly unknown[]): change is readonly unknown[] =>
  Array.isArray(change)

const valueOf = (edit: unknown, begin: string): string | undefined =>
  typeof edit === 'string' && edit.startsWith(begin) ? edit.slice(begin.length) : undefined

interface Edit {
  readonly name: string
  readonly sign: '=' | '+=' | '-='
  readonly value: string
}

function readEdit(edit: unknown): Edit {
  const isEdit = typeof edit === 'string' && edit.includes('=') && edit.length <= MAX_EDIT
  if (!isEdit) throw invalid(`${pythonRepr(edit)} is not of the form key=value`)
  const at = edit.indexOf('=')
  const value = edit.slice(at + 1)
  const sign = edit[at - 1]
  if (sign !== '+' && sign !== '-') return { name: edit.slice(0, at), sign: '=', value }
  return { name: edit.slice(0, at - 1), sign: `${sign}=`, value }
}

function applyEdit(type: IndexType, options: Map<string, unknown>, edit: Edit): void {
  const { name, sign, value } = edit
  if (sign === '=') {
    options.set(name, value)
  } else if (sign === '-=' && value === '') {
    if (hasInitial(type, name)) throw invalid("Default values can't be removed.")
    options.delete(name)
  } else {
    options.set(name, editList(listOf(options, name), edit))
  }
}

function editList(list: readonly unknown[], { name, sign, value }: Edit): readonly unknown[] {
  const isListed = list.includes(value)
  if (sign === '+=') return isListed ? list : [...list, value]
  if (!isListed) {
    throw invalid(`The '${pythonText(name)}' setting doesn't have value '${pythonText(value)}'`)
  }
  return list.filter((member) => member !== value)
}

function listOf(options: ReadonlyMap<string, unknown>, name: string): readonly unknown[] {
  const value = options.get(name) ?? []
  if (!Array.isArray(value)) throw invalid(`The '${pythonText(name)}' setting is not a list`)
  return value
}
