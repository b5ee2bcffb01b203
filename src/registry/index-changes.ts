/** Creating indexes and changing their options. Removing them stands in `index-removal.ts`. */
import { isDeepStrictEqual } from 'node:util'
import { refuse } from '#base/refusal'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import { applyOptionEdits } from './index-edits.ts'
import {
  changeOptions,
  createOptions,
  withoutOptions,
  type MoreOptions,
  type OptionBody,
} from './index-options.ts'
import { removeLeftovers } from './index-removal.ts'
import {
  findIndex,
  getIndex,
  indexName,
  isIndexName,
  type IndexEntry,
  type IndexName,
} from './indexes.ts'
import { keys } from './keys.ts'
import { assertAllowedName, isKeySegment } from './names.ts'
import type { MayRead } from './reading.ts'

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
  { more, mayRead }: Pick<ChangeSettings, 'more' | 'mayRead'> = {},
): Promise<IndexEntry> {
  await assertIndexIsNew(tx, user, index)
  assertAllowedName('index', index)
  const entry = createOptions(user, body, more)
  await assertBasesExist(tx, entry, mayRead)
  const name = indexName(user, index)
  await removeLeftovers(tx, name)
  tx.set(keys.index(name), entry)
  return entry
}

export interface IndexChange {
  readonly before: IndexEntry
  readonly after: IndexEntry
}

export interface ChangeSettings {
  readonly refuseNoop?: boolean
  /** Options to take away, beside an object of others. */
  readonly drop?: readonly string[]
  readonly more?: MoreOptions
  /** An index that may not be read becomes no base: to who asks it is not there. Undefined: all may be. */
  readonly mayRead?: MayRead | undefined
}

/** Changes options: an object with those that change, or a list of edits (`key=v`, `key+=v`, `key-=v`, `key-=`). */
export async function changeIndex(
  tx: WriteTransaction,
  name: IndexName,
  change: OptionBody | readonly unknown[],
  { refuseNoop = false, drop = [], more, mayRead }: ChangeSettings = {},
): Promise<IndexChange> {
  const before = await getIndex(tx, name)
  const isEdits = Array.isArray(change)
  const after = isEdits
    ? applyOptionEdits(before, change, more)
    : changeOptions(withoutOptions(before, drop), change as OptionBody, more)
  // Whoever does not touch the bases need not mend them: one may have been removed since.
  if (isEdits || Object.hasOwn(change, 'bases')) {
    const had: readonly IndexName[] = before.type === 'stage' ? before.bases : []
    await assertBasesExist(tx, after, mayRead && ((base) => had.includes(base) || mayRead(base)))
  }
  // An object counts as devpi counts it: as nothing new if it is all that is set already.
  if (refuseNoop && isDeepStrictEqual(before, isEdits ? after : change)) {
    const reason = 'The requested modifications resulted in no changes'
    throw refuse('index-option-invalid', { reason })
  }
  tx.set(keys.index(name), after)
  return { before, after }
}

/** Tells all bases that are none, together. The index itself will do. */
async function assertBasesExist(
  tx: ReadTransaction,
  entry: IndexEntry,
  mayRead: MayRead = () => true,
): Promise<void> {
  if (entry.type !== 'stage') return
  const problems: string[] = []
  for (const base of entry.bases) {
    if (!isIndexName(base)) problems.push(`invalid base index spec: '${base}'`)
    else if (!(await findIndex(tx, base)) || !mayRead(base)) {
      problems.push(`base index '${base}' does not exist`)
    }
  }
  if (problems.length > 0) {
    throw refuse('index-option-invalid', { reason: problems.slice(0, 20).join(', ') })
  }
}
