/** The options an index has, as one table per kind, and how they are set and changed. */
import type { OptionKind } from './hooks.ts'
import type { IndexEntry } from './indexes.ts'
import {
  assertKeyOfCertificate,
  invalid,
  readAny,
  readBases,
  readBoolean,
  readCertificates,
  readHosts,
  readInheritance,
  readLayout,
  readPrincipals,
  readPrivateKey,
  readProxy,
  readSeconds,
  readText,
  readToken,
  readUrl,
  readWhitelist,
  type ReadValue,
} from './option-values.ts'
import { pythonRepr, pythonText } from './python-text.ts'

/** Options as a client sends them. */
export type OptionBody = Readonly<Record<string, unknown>>

type IndexType = IndexEntry['type']

interface Option {
  readonly read: ReadValue
  /** Its value on a new index; an option without one is absent until it is set. */
  readonly initial?: (owner: string) => unknown
}

const flag: Option = { read: readBoolean }
const any: Option = { read: readAny }

const common = {
  acl_read: { read: readPrincipals },
  title: any,
  description: any,
  custom_data: any,
} satisfies Record<string, Option>

const tables: Readonly<Record<IndexType, Readonly<Record<string, Option>>>> = {
  stage: {
    volatile: { read: readBoolean, initial: () => true },
    bases: { read: readBases, initial: () => [] },
    acl_upload: { read: readPrincipals, initial: (owner) => [owner] },
    acl_toxresult_upload: { read: readPrincipals, initial: () => [':ANONYMOUS:'] },
    mirror_whitelist: { read: readWhitelist, initial: () => [] },
    mirror_whitelist_inheritance: { read: readInheritance, initial: () => 'intersection' },
    strict_uploads: flag,
    ...common,
  },
  mirror: {
    volatile: { read: readBoolean, initial: () => true },
    mirror_url: { read: readUrl },
    mirror_cache_expiry: { read: readSeconds },
    mirror_layout: { read: readLayout },
    mirror_own_only: flag,
    mirror_token: { read: readToken },
    mirror_client_cert: { read: readCertificates },
    mirror_client_key: { read: readPrivateKey },
    mirror_ca: { read: readCertificates },
    mirror_proxy: { read: readProxy },
    mirror_private_hosts: { read: readHosts },
    mirror_ignore_serial_header: flag,
    mirror_changelog_url: { read: readUrl },
    mirror_keep_removed: flag,
    mirror_take_replaced: flag,
    mirror_whitelist_exempt: flag,
    mirror_no_project_list: flag,
    mirror_provides_core_metadata: flag,
    mirror_make_metadata: flag,
    mirror_use_external_urls: flag,
    mirror_web_url_fmt: { read: readText },
    ...common,
  },
}

/** Sent by clients that echo a whole record or speak to every kind alike; without effect. */
const ignoredEverywhere = ['type', 'projects', 'pypi_whitelist']
const ignored: Readonly<Record<IndexType, ReadonlySet<string>>> = {
  stage: new Set(ignoredEverywhere),
  mirror: new Set([...ignoredEverywhere, 'bases', 'acl_upload', 'mirror_whitelist']),
}

/** Options that policies add to each kind of index. */
export type MoreOptions = Readonly<Record<string, OptionKind>>

export const optionNames = (type: IndexType): readonly string[] => Object.keys(tables[type])

/** Whether a new index has the option from the beginning; such a one can't be taken away. */
export const hasInitial = (type: IndexType, name: string): boolean =>
  Object.hasOwn(tables[type], name) && tables[type][name]?.initial !== undefined

/** Whether an index of any kind has it, whatever plugins there are. */
export const isIndexOption = (name: string): boolean =>
  ['type', 'projects', 'policy_mode'].includes(name) ||
  Object.values(tables).some((table) => Object.hasOwn(table, name))

/** The options of a body in stored form. Refuses unknown ones, all together, and bad values. */
export function readOptions(
  type: IndexType,
  body: OptionBody,
  more: MoreOptions = {},
): Record<string, unknown> {
  const table = tables[type]
  const given = Object.entries(body).filter(([name]) => !ignored[type].has(name))
  const unknown = given.filter(
    ([name]) => !Object.hasOwn(table, name) && !Object.hasOwn(more, name),
  )
  if (unknown.length > 0) {
    const listing = unknown
      .slice(0, 10)
      .map(([name, value]) => `${pythonText(name)}=${pythonText(value)}`)
    throw invalid(`indexconfig got unexpected keyword arguments: ${listing.join(', ')}`)
  }
  const read = (name: string, value: unknown): unknown =>
    Object.hasOwn(table, name) ? table[name]?.read(value, name) : more[name]?.store(value, name)
  return Object.fromEntries(given.map(([name, value]) => [name, read(name, value)]))
}

/** The options of a new index: those given over the initial ones. */
export function createOptions(owner: string, body: OptionBody, more?: MoreOptions): IndexEntry {
  const { type = 'stage' } = body
  if (type !== 'stage' && type !== 'mirror') {
    throw invalid(`unknown index type ${pythonRepr(type)}`)
  }
  const given = readOptions(type, body, more)
  const complete: Record<string, unknown> = { type }
  for (const [name, { initial }] of Object.entries(tables[type])) {
    const value = Object.hasOwn(given, name) ? given[name] : initial?.(owner)
    if (value !== undefined) complete[name] = value
  }
  for (const [name, value] of Object.entries(given)) complete[name] ??= value
  assertConsistent(complete)
  if (type === 'mirror' && complete.mirror_url === undefined) {
    throw invalid("'mirror_url' option must be a URL.")
  }
  return complete as unknown as IndexEntry
}

/** The options of an index without some. Refuses to take away what every such index has. */
export function withoutOptions(before: IndexEntry, names: readonly string[]): IndexEntry {
  if (names.some((name) => name === 'type' || hasInitial(before.type, name))) {
    throw invalid("Default values can't be removed.")
  }
  const kept = Object.entries(before).filter(([name]) => !names.includes(name))
  return Object.fromEntries(kept) as unknown as IndexEntry
}

/** The options of an index with those of a body, which need not be all, over them. */
export function changeOptions(
  before: IndexEntry,
  body: OptionBody,
  more?: MoreOptions,
): IndexEntry {
  assertSameType(before, body.type)
  const { index: _echoed, ...options } = body
  const next = { ...before, ...readOptions(before.type, options, more) }
  assertConsistent(next)
  return next as IndexEntry
}

/** What can only be judged of options together. */
function assertConsistent(options: Readonly<Record<string, unknown>>): void {
  const { mirror_client_cert: certificate, mirror_client_key: key } = options
  if (typeof certificate === 'string' && typeof key === 'string') {
    assertKeyOfCertificate(key, certificate)
  }
}

export function assertSameType(before: IndexEntry, type: unknown): void {
  if (type !== undefined && type !== before.type) {
    throw invalid("the 'type' of an index can't be changed")
  }
}
