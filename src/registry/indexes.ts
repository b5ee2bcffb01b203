/** Stage and mirror indexes: create, change, remove. */
import { refuse } from '#base/refusal'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import { applyOptionEdits, completeOptions, readOptions, type OptionBody } from './index-options.ts'
import { keys } from './keys.ts'
import { isAllowedName } from './names.ts'

/** `user/index`. */
export type IndexName = string & { readonly __brand?: 'IndexName' }

/** A stage: an index of own releases. Option names are devpi's, as the API shows them. */
export interface StageEntry {
  readonly type: 'stage'
  readonly volatile: boolean
  readonly bases: readonly IndexName[]
  readonly acl_upload: readonly string[]
  readonly acl_toxresult_upload: readonly string[]
  readonly mirror_whitelist: readonly string[]
  readonly mirror_whitelist_inheritance: 'intersection' | 'union'
  readonly strict_uploads?: boolean
  readonly title?: unknown
  readonly description?: unknown
  readonly custom_data?: unknown
}

/** A mirror: an index whose links come from an upstream. */
export interface MirrorEntry {
  readonly type: 'mirror'
  readonly volatile: boolean
  /** Upstream's simple index; may embed credentials. Absent on `root/pypi` until PyPI's address is known. */
  readonly mirror_url?: string
  /** Seconds for which links are taken as fresh. */
  readonly mirror_cache_expiry?: number
  readonly mirror_ignore_serial_header?: boolean
  readonly mirror_no_project_list?: boolean
  readonly mirror_provides_core_metadata?: boolean
  readonly mirror_use_external_urls?: boolean
  readonly mirror_web_url_fmt?: string
  readonly title?: unknown
  readonly description?: unknown
  readonly custom_data?: unknown
}

export type IndexEntry = StageEntry | MirrorEntry

export interface NamedIndex {
  readonly name: IndexName
  readonly entry: IndexEntry
}

/** The name of an index from its two segments. */
export const indexName = (user: string, index: string): IndexName => `${user}/${index}`

export async function findIndex(
  tx: ReadTransaction,
  name: IndexName,
): Promise<IndexEntry | undefined> {
  return tx.get(keys.index(name))
}

export async function getIndex(tx: ReadTransaction, name: IndexName): Promise<IndexEntry> {
  const entry = await findIndex(tx, name)
  if (!entry) throw refuse('index-missing', { index: name })
  return entry
}

export async function listIndexesOf(tx: ReadTransaction, user: string): Promise<NamedIndex[]> {
  const indexes = await tx.list(keys.indexesOf(user))
  return indexes.map(({ name, value }) => ({ name: indexName(user, name), entry: value }))
}

/** Creates an index from an API body. Refuses an existing name, a missing user, and bad options. */
export async function createIndex(
  tx: WriteTransaction,
  user: string,
  index: string,
  body: OptionBody,
): Promise<IndexEntry> {
  const name = indexName(user, index)
  if (!(await tx.get(keys.user(user)))) throw refuse('user-missing', { user })
  if (await findIndex(tx, name)) throw refuse('index-exists', { index: name })
  if (!isAllowedName(index)) throw refuse('index-name-invalid', { index })

  const type = body.type ?? 'stage'
  if (type !== 'stage' && type !== 'mirror') {
    throw invalid(`unknown index type '${typeof type === 'string' ? type : JSON.stringify(type)}'`)
  }
  const entry = completeOptions(type, user, readOptions(type, body))
  await assertBasesExist(tx, entry)
  tx.set(keys.index(name), entry)
  return entry
}

/** Changes options: an object with those that change, or a list of edits (`key=v`, `key+=v`, `key-=v`, `key-=`). */
export async function changeIndex(
  tx: WriteTransaction,
  name: IndexName,
  change: OptionBody | readonly string[],
  { refuseNoop = false } = {},
): Promise<IndexEntry> {
  const before = await getIndex(tx, name)
  const { entry, given } = isEdits(change)
    ? applyOptionEdits(before, change)
    : changeOptions(before, change)
  if (given.has('bases')) await assertBasesExist(tx, entry)

  const isSame = JSON.stringify(entry) === JSON.stringify(before)
  if (isSame && refuseNoop) throw invalid('The requested modifications resulted in no changes')
  tx.set(keys.index(name), entry)
  return entry
}

const isEdits = (change: OptionBody | readonly string[]): change is readonly string[] =>
  Array.isArray(change)

function changeOptions(
  before: IndexEntry,
  body: OptionBody,
): { entry: IndexEntry; given: ReadonlySet<string> } {
  if (body.type !== undefined && body.type !== before.type) {
    throw invalid("the 'type' of an index can't be changed")
  }
  const { index: _echoed, ...options } = body
  const changed = readOptions(before.type, options)
  return {
    entry: { ...before, ...changed } as IndexEntry,
    given: new Set(Object.keys(changed)),
  }
}

async function assertBasesExist(tx: ReadTransaction, entry: IndexEntry): Promise<void> {
  if (entry.type !== 'stage') return
  const problems: string[] = []
  for (const base of entry.bases) {
    // A base that is no `user/index` at all was refused when it was read.
    if (!(await findIndex(tx, base))) problems.push(`base index '${base}' does not exist`)
  }
  if (problems.length > 0) throw invalid(problems.join(', '))
}

/** Removes a volatile index with all that is on it. */
export async function removeIndex(tx: WriteTransaction, name: IndexName): Promise<void> {
  const entry = await getIndex(tx, name)
  if (!entry.volatile) throw refuse('index-nonvolatile', { index: name })
  await removeIndexContents(tx, name)
}

/** Removes an index and everything below it, whatever its options. */
export async function removeIndexContents(tx: WriteTransaction, name: IndexName): Promise<void> {
  for (const range of [keys.projects(name), keys.versionsOfIndex(name), keys.filesOfIndex(name)]) {
    const paths = await tx.listNames<unknown>(range)
    for (const path of paths) tx.remove({ path: `${range.prefix}${path}` })
  }
  tx.remove(keys.index(name))
}

const invalid = (reason: string) => refuse('index-option-invalid', { reason })
