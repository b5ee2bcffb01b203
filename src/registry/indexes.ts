/** Stage and mirror indexes: create, change, remove. */
import { isDeepStrictEqual } from 'node:util'
import type { Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import { mayChangeIndex } from './access.ts'
import { applyOptionEdits } from './index-edits.ts'
import { changeOptions, createOptions, type OptionBody } from './index-options.ts'
import { keys } from './keys.ts'
import { assertAllowedName, isKeySegment } from './names.ts'
import { withoutCredentials } from './option-values.ts'

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
  return isIndexName(name) ? tx.get(keys.index(name)) : undefined
}

/** Whether a text could be the name of an index. */
export function isIndexName(text: string): boolean {
  const segments = text.split('/')
  return segments.length === 2 && segments.every(isKeySegment)
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

/** The options of an index as `who` may see them: an upstream's credentials are for those who may set them. */
export function viewIndex({ name, entry }: NamedIndex, who: Identity): IndexEntry {
  if (entry.type !== 'mirror' || entry.mirror_url === undefined) return entry
  if (mayChangeIndex(name, who)) return entry
  return { ...entry, mirror_url: withoutCredentials(entry.mirror_url) }
}

/** Refuses a missing user and an existing index. */
export async function assertIndexIsNew(
  tx: ReadTransaction,
  user: string,
  index: string,
): Promise<void> {
  const isUser = isKeySegment(user) && (await tx.get(keys.user(user))) !== undefined
  if (!isUser) throw refuse('user-missing', { user })
  const name = indexName(user, index)
  if (await findIndex(tx, name)) throw refuse('index-exists', { index: name })
}

/** Creates an index from an API body. Refuses an existing name, a missing user, and bad options. */
export async function createIndex(
  tx: WriteTransaction,
  user: string,
  index: string,
  body: OptionBody,
): Promise<IndexEntry> {
  await assertIndexIsNew(tx, user, index)
  assertAllowedName('index', index)
  const entry = createOptions(user, body)
  await assertBasesExist(tx, entry)
  tx.set(keys.index(indexName(user, index)), entry)
  return entry
}

export interface IndexChange {
  readonly before: IndexEntry
  readonly after: IndexEntry
}

/** Changes options: an object with those that change, or a list of edits (`key=v`, `key+=v`, `key-=v`, `key-=`). */
export async function changeIndex(
  tx: WriteTransaction,
  name: IndexName,
  change: OptionBody | readonly unknown[],
  { refuseNoop = false } = {},
): Promise<IndexChange> {
  const before = await getIndex(tx, name)
  const isEdits = Array.isArray(change)
  const after = isEdits
    ? applyOptionEdits(before, change)
    : changeOptions(before, change as OptionBody)
  // Whoever does not touch the bases need not mend them: one may have been removed since.
  if (isEdits || Object.hasOwn(change, 'bases')) await assertBasesExist(tx, after)
  if (refuseNoop && isDeepStrictEqual(before, after)) {
    const reason = 'The requested modifications resulted in no changes'
    throw refuse('index-option-invalid', { reason })
  }
  tx.set(keys.index(name), after)
  return { before, after }
}

/** Tells all bases that are none, together. The index itself will do. */
async function assertBasesExist(tx: ReadTransaction, entry: IndexEntry): Promise<void> {
  if (entry.type !== 'stage') return
  const problems: string[] = []
  for (const base of entry.bases) {
    if (!isIndexName(base)) problems.push(`invalid base index spec: '${base}'`)
    else if (!(await findIndex(tx, base))) problems.push(`base index '${base}' does not exist`)
  }
  if (problems.length > 0) {
    throw refuse('index-option-invalid', { reason: problems.slice(0, 20).join(', ') })
  }
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
    const names = await tx.listNames<unknown>(range)
    for (const below of names) tx.remove({ path: `${range.prefix}${below}` })
  }
  tx.remove(keys.index(name))
}
