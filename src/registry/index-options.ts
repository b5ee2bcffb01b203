/** The options an index has, as one table per kind, and the ways to set them (devpi's rules and messages). */
import { refuse } from '#base/refusal'
import { normalizeName } from '#python/name'
import type { IndexEntry } from './indexes.ts'

/** Options as a client sends them. */
export type OptionBody = Readonly<Record<string, unknown>>

interface Option {
  /** The stored form of a value as sent; refuses what it can't be. */
  readonly read: (value: unknown, name: string) => unknown
  /** Its value on a new index; an option without one is absent until it is set. */
  readonly initial?: (owner: string) => unknown
}

const anyOption: Option = {
  read(value, name) {
    if (value === null) throw invalid(`'${name}' must not be null; remove it with '${name}-='`)
    return value
  },
}

const flag = (initial?: boolean): Option => ({
  read: readBoolean,
  ...(initial === undefined ? {} : { initial: () => initial }),
})

const common = {
  title: anyOption,
  description: anyOption,
  custom_data: anyOption,
} satisfies Record<string, Option>

const tables: Readonly<Record<IndexEntry['type'], Readonly<Record<string, Option>>>> = {
  stage: {
    volatile: flag(true),
    bases: { read: readBases, initial: () => [] },
    acl_upload: { read: readPrincipals, initial: (owner) => [owner] },
    acl_toxresult_upload: { read: readPrincipals, initial: () => [':ANONYMOUS:'] },
    mirror_whitelist: { read: readWhitelist, initial: () => [] },
    mirror_whitelist_inheritance: { read: readInheritance, initial: () => 'intersection' },
    strict_uploads: flag(),
    ...common,
  },
  mirror: {
    volatile: flag(true),
    mirror_url: { read: readUrl },
    mirror_cache_expiry: { read: readSeconds },
    mirror_ignore_serial_header: flag(),
    mirror_no_project_list: flag(),
    mirror_provides_core_metadata: flag(),
    mirror_use_external_urls: flag(),
    mirror_web_url_fmt: { read: readText },
    ...common,
  },
}

/** Sent by clients that echo a whole record or speak to every kind alike; without effect. */
const ignored: Readonly<Record<IndexEntry['type'], ReadonlySet<string>>> = {
  stage: new Set(['type', 'projects', 'pypi_whitelist']),
  mirror: new Set([
    'type',
    'projects',
    'pypi_whitelist',
    'bases',
    'acl_upload',
    'mirror_whitelist',
  ]),
}

export const optionNames = (type: IndexEntry['type']): readonly string[] =>
  Object.keys(tables[type])

/** The options of a body in stored form. Refuses unknown ones, all together, and bad values. */
export function readOptions(type: IndexEntry['type'], body: OptionBody): Record<string, unknown> {
  const table = tables[type]
  const given = Object.entries(body).filter(([name]) => !ignored[type].has(name))
  const unknown = given.filter(([name]) => !Object.hasOwn(table, name))
  if (unknown.length > 0) {
    const listing = unknown.map(([name, value]) => `${name}=${printValue(value)}`).join(', ')
    throw invalid(`indexconfig got unexpected keyword arguments: ${listing}`)
  }
  return Object.fromEntries(given.map(([name, value]) => [name, table[name]!.read(value, name)]))
}

/** A new index's options: those given over the initial ones. */
export function completeOptions(
  type: IndexEntry['type'],
  owner: string,
  given: Record<string, unknown>,
): IndexEntry {
  const complete: Record<string, unknown> = { type }
  for (const [name, { initial }] of Object.entries(tables[type])) {
    const value = name in given ? given[name] : initial?.(owner)
    if (value !== undefined) complete[name] = value
  }
  if (type === 'mirror' && complete.mirror_url === undefined) {
    throw invalid("'mirror_url' option must be a URL.")
  }
  return complete as unknown as IndexEntry
}

/**
 * Applies a list of edits in their order, then reads the whole again, so that an option which has become
 * invalid since (a base that was deleted) is refused unless an edit mends it.
 */
export function applyOptionEdits(
  before: IndexEntry,
  edits: readonly string[],
): { entry: IndexEntry; given: ReadonlySet<string> } {
  const options: Record<string, unknown> = { ...before }
  for (const edit of edits) applyEdit(before.type, options, edit)
  if (options.type !== before.type) throw invalid("the 'type' of an index can't be changed")
  const entry = { type: before.type, ...readOptions(before.type, options) } as unknown as IndexEntry
  return { entry, given: new Set(Object.keys(entry)) }
}

function applyEdit(
  type: IndexEntry['type'],
  options: Record<string, unknown>,
  edit: unknown,
): void {
  if (typeof edit !== 'string' || !edit.includes('=')) {
    throw invalid(`${JSON.stringify(edit)} is not of the form key=value, key+=value or key-=value`)
  }
  const at = edit.indexOf('=')
  const value = edit.slice(at + 1)
  const sign = edit[at - 1]
  if (sign !== '+' && sign !== '-') {
    options[edit.slice(0, at)] = value
    return
  }
  const name = edit.slice(0, at - 1)
  if (sign === '-' && value === '') return dropOption(type, options, name)

  const list = listOf(options, name)
  if (sign === '+') {
    options[name] = list.includes(value) ? list : [...list, value]
  } else {
    if (!list.includes(value)) throw invalid(`The '${name}' setting doesn't have value '${value}'`)
    options[name] = list.filter((member) => member !== value)
  }
}

function dropOption(
  type: IndexEntry['type'],
  options: Record<string, unknown>,
  name: string,
): void {
  if (tables[type][name]?.initial) throw invalid("Default values can't be removed.")
  delete options[name]
}

function listOf(options: Record<string, unknown>, name: string): unknown[] {
  const value = options[name]
  if (value === undefined) return []
  if (!Array.isArray(value)) throw invalid(`The '${name}' setting is not a list`)
  return value
}

function readBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string') throw invalid(`Unknown boolean value ${printValue(value)}.`)
  const text = value.toLowerCase()
  if (text === 'true' || text === 'yes') return true
  if (text === 'false' || text === 'no') return false
  throw invalid(`Unknown boolean value '${value}'.`)
}

/** Names, permissions and bases; more is not an index but an attack. */
const MAX_LIST = 10_000

function readList(value: unknown): string[] {
  const list =
    typeof value === 'string'
      ? value
          .split(',')
          .map((member) => member.trim())
          .filter((member) => member !== '')
      : value
  if (!Array.isArray(list)) throw invalid(`Unknown list value ${printValue(value)}.`)
  if (list.length > MAX_LIST) throw invalid(`A list may have at most ${MAX_LIST} members.`)
  for (const member of list) {
    if (typeof member !== 'string' || member.length > 1024 || !member.isWellFormed()) {
      throw invalid(`Unknown list member ${printValue(member).slice(0, 80)}.`)
    }
  }
  return list
}

function readBases(value: unknown): string[] {
  const bases = readList(value).map((base) => base.replace(/^\/+|\/+$/g, ''))
  const bad = bases.filter((base) => !/^[^/\0]+\/[^/\0]+$/.test(base))
  if (bad.length > 0) {
    throw invalid(bad.map((base) => `invalid base index spec: '${base}'`).join(', '))
  }
  return bases
}

function readPrincipals(value: unknown): string[] {
  return readList(value).map((principal) =>
    /^:(anonymous|authenticated):$/i.test(principal) ? principal.toUpperCase() : principal,
  )
}

function readWhitelist(value: unknown): string[] {
  return readList(value).map((project) => (project === '*' ? '*' : normalizeName(project)))
}

function readInheritance(value: unknown): string {
  const text = typeof value === 'string' ? value.toLowerCase() : value
  if (text === 'intersection' || text === 'union') return text
  throw invalid(
    `Unknown value '${printValue(value)}' for mirror_whitelist_inheritance, ` +
      "must be 'intersection' or 'union'.",
  )
}

function readUrl(value: unknown, name: string): string {
  const isUrl = typeof value === 'string' && /^https?:\/\/[^\s/]/.test(value) && URL.canParse(value)
  if (!isUrl) throw invalid(`'${name}' option must be a URL.`)
  return value
}

function readSeconds(value: unknown, name: string): number {
  const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds >= 0) return seconds
  throw invalid(`'${name}' option must be an integer`)
}

function readText(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw invalid(`'${name}' option must be a text`)
}

/** As Python's `str` has it, which devpi's messages use. */
function printValue(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  return JSON.stringify(value)
}

const invalid = (reason: string) => refuse('index-option-invalid', { reason })
