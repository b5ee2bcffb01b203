/** Users: create, read, change, remove. Permissions are asked in `access.ts`. */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import {
  indexName,
  listIndexesOf,
  viewIndex,
  type IndexEntry,
  type IndexName,
  type NamedIndex,
} from './indexes.ts'
import { removeIndexes } from './index-removal.ts'
import { keys } from './keys.ts'
import { isKeySegment } from './names.ts'
import { hashPassword } from './passwords.ts'
import type { MayRead } from './reading.ts'
import type { UserFields } from './user-fields.ts'

export interface UserEntry extends UserFields {
  /** argon2id PHC string; absent for a user who cannot log in with a password. */
  readonly pwhash?: string
  /** Another user of the same name, before or after this one, has another. */
  readonly life?: string
  /** RFC 3339, whole seconds. */
  readonly created: string
  /** When an own field was last changed; absent until then. */
  readonly modified?: string
}

/** What may be said of a user to anybody. */
export interface UserView extends Omit<UserEntry, 'pwhash' | 'life'> {
  readonly username: string
  readonly indexes: Readonly<Record<string, IndexEntry>>
}

export async function findUser(tx: ReadTransaction, user: string): Promise<UserEntry | undefined> {
  return isKeySegment(user) ? tx.get(keys.user(user)) : undefined
}

export async function getUser(tx: ReadTransaction, user: string): Promise<UserEntry> {
  const entry = await findUser(tx, user)
  if (!entry) throw refuse('user-missing', { user })
  return entry
}

export async function assertUserIsNew(tx: ReadTransaction, user: string): Promise<void> {
  if (await findUser(tx, user)) throw refuse('user-exists')
}

/** What stays the same in one life of a user. Entries from elsewhere have no `life`. */
export const lifeOf = ({ life, created }: UserEntry): string => life ?? created

/** The user as `who` may see it, with the indexes that they may read. */
export async function viewUser(
  tx: ReadTransaction,
  user: string,
  who: Identity,
  mayRead?: MayRead,
): Promise<UserView> {
  const own = (await listIndexesOf(tx, user)).filter(({ name }) => mayRead?.(name) ?? true)
  return view(user, await getUser(tx, user), own, who)
}

/** All users by name, as `who` may see them. */
export async function viewUsers(
  tx: ReadTransaction,
  who: Identity,
  mayRead?: MayRead,
): Promise<Readonly<Record<string, UserView>>> {
  const readable = (await tx.list(keys.indexes())).filter(({ name }) => mayRead?.(name) ?? true)
  const indexes = Map.groupBy(readable, ({ name }) => userOf(name))
  const users = await tx.list(keys.users())
  // From entries: a user may be called `__proto__`.
  return Object.fromEntries(
    users.map(({ name: user, value }) => {
      const own = (indexes.get(user) ?? []).map(({ name, value: entry }) => ({ name, entry }))
      return [user, view(user, value, own, who)]
    }),
  )
}

const userOf = (name: IndexName): string => name.slice(0, name.indexOf('/'))

function view(
  username: string,
  { pwhash: _secret, life: _own, ...shown }: UserEntry,
  own: readonly NamedIndex[],
  who: Identity,
): UserView {
  const indexes = own.map((index) => [index.name.slice(username.length + 1), viewIndex(index, who)])
  return { username, indexes: Object.fromEntries(indexes) as UserView['indexes'], ...shown }
}

/** A new user's fields, with what `prepareUser` derived. Refuses a name that is taken. */
export async function createUser(
  tx: WriteTransaction,
  user: string,
  fields: UserFields & Pick<UserEntry, 'pwhash'>,
): Promise<UserEntry> {
  await assertUserIsNew(tx, user)
  const entry = newUser(fields, tx.time)
  tx.set(keys.user(user), entry)
  return entry
}

/** The entry of a user whose life begins now. */
export function newUser(
  fields: UserFields & Pick<UserEntry, 'pwhash'>,
  createdAt: number,
): UserEntry {
  return { ...fields, life: randomUUID(), created: wholeSeconds(createdAt) }
}

export interface UserChange {
  readonly set: UserFields & Pick<UserEntry, 'pwhash'>
  readonly drop: readonly (keyof UserFields)[]
}

/** A change that changes nothing leaves the entry as it is, without a new `modified`. */
export async function changeUser(
  tx: WriteTransaction,
  user: string,
  { set, drop }: UserChange,
): Promise<UserEntry> {
  const before = await getUser(tx, user)
  const dropped = new Set<string>(drop)
  const kept = Object.entries({ ...before, ...set }).filter(([name]) => !dropped.has(name))
  const after = Object.fromEntries(kept) as unknown as UserEntry
  if (isDeepStrictEqual(before, after)) return before

  const entry = { ...after, modified: wholeSeconds(tx.time) }
  tx.set(keys.user(user), entry)
  return entry
}

/**
 * Removes the user with all indexes, whose names it returns: `finishRemoval` must follow for each. Refuses
 * while one of them is not volatile.
 */
export async function removeUser(tx: WriteTransaction, user: string): Promise<IndexName[]> {
  await getUser(tx, user)
  const indexes = await listIndexesOf(tx, user)
  const kept = indexes.find(({ entry }) => !entry.volatile)
  if (kept) {
    const index = kept.name.slice(indexName(user, '').length)
    throw refuse('user-has-nonvolatile-index', { user, index })
  }

  const names = indexes.map(({ name }) => name)
  await removeIndexes(tx, names)
  tx.remove(keys.user(user))
  return names
}

/** Sets a password from the machine itself, as an administrator does. Refuses if there is no such user. */
export async function setPassword(ledger: Ledger, user: string, password: string): Promise<void> {
  const pwhash = await hashPassword(password)
  await ledger.write('admin', (tx) => changeUser(tx, user, { set: { pwhash }, drop: [] }))
}

/** RFC 3339 in UTC without fractions, as devpi writes times. */
export function wholeSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
