/** Users: create, read, change, remove. Permissions are asked in `access.ts`. */
import { refuse } from '#base/refusal'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction, WriteTransaction } from '#ledger/transaction'
import { listIndexesOf, removeIndexContents, type IndexEntry } from './indexes.ts'
import { keys } from './keys.ts'
import { isAllowedName } from './names.ts'
import { hashPassword, isPasswordHash } from './passwords.ts'

export interface UserEntry {
  /** argon2id PHC string; absent for a user who cannot log in with a password. */
  readonly pwhash?: string
  /** RFC 3339, whole seconds. */
  readonly created: string
  readonly modified?: string
  readonly email?: string
  readonly title?: string
  readonly description?: string
  /** Any JSON. */
  readonly custom_data?: unknown
}

/** What may be said of a user to anybody. */
export interface UserView extends Omit<UserEntry, 'pwhash'> {
  readonly username: string
  readonly indexes: Readonly<Record<string, IndexEntry>>
}

/** The fields of a user that a client sets. */
const TEXT_FIELDS = ['email', 'title', 'description'] as const
const CREATE_KEYS = new Set<string>([
  'password',
  'pwhash',
  'custom_data',
  ...TEXT_FIELDS,
  // Sent by clients that echo what they read; without effect.
  'username',
  'indexes',
  'created',
  'modified',
])

export type UserChanges = Readonly<Record<string, unknown>>

export async function getUser(tx: ReadTransaction, user: string): Promise<UserEntry> {
  const entry = await tx.get(keys.user(user))
  if (!entry) throw refuse('user-missing', { user })
  return entry
}

export async function viewUser(
  tx: ReadTransaction,
  user: string,
  entry: UserEntry,
): Promise<UserView> {
  const indexes: Record<string, IndexEntry> = {}
  for (const { name, entry: index } of await listIndexesOf(tx, user)) {
    indexes[name.slice(user.length + 1)] = index
  }
  const { pwhash: _secret, ...shown } = entry
  return { username: user, indexes, ...shown }
}

export async function listUsers(
  tx: ReadTransaction,
): Promise<{ user: string; entry: UserEntry }[]> {
  const users = await tx.list(keys.users())
  return users.map(({ name, value }) => ({ user: name, entry: value }))
}

/** Derives what costs time, the password hash, before the transaction. Refuses bad keys and values. */
export async function prepareUser(user: string, body: UserChanges): Promise<Partial<UserEntry>> {
  if (!isAllowedName(user)) throw refuse('user-name-invalid', { user })
  const unknown = Object.keys(body).filter((name) => !CREATE_KEYS.has(name))
  if (unknown.length > 0) throw refuse('user-keys-unknown', { keys: unknown.sort().join(', ') })
  if (!('password' in body) && !('pwhash' in body)) throw refuse('user-password-missing')

  const { pwhash } = await preparePassword(body)
  return { ...(pwhash === undefined ? {} : { pwhash }), ...readFields(body).set }
}

export async function createUser(
  tx: WriteTransaction,
  user: string,
  fields: Partial<UserEntry>,
): Promise<UserEntry> {
  if (await tx.get(keys.user(user))) throw refuse('user-exists')
  const entry: UserEntry = { ...fields, created: wholeSeconds(tx.time) }
  tx.set(keys.user(user), entry)
  return entry
}

export interface PreparedChange {
  readonly set: Partial<UserEntry>
  readonly drop: readonly (keyof UserEntry)[]
  readonly changesPassword: boolean
}

/** Keys that are not acted on are ignored: clients echo the whole record (devpi's `user -m`). */
export async function prepareUserChange(body: UserChanges): Promise<PreparedChange> {
  const { pwhash } = await preparePassword(body)
  const { set, drop } = readFields(body)
  return {
    set: pwhash === undefined ? set : { ...set, pwhash },
    drop,
    changesPassword: pwhash !== undefined,
  }
}

export async function changeUser(
  tx: WriteTransaction,
  user: string,
  { set, drop }: PreparedChange,
): Promise<UserEntry> {
  const before = await getUser(tx, user)
  const after: Record<string, unknown> = { ...before, ...set }
  for (const field of drop) delete after[field]
  const { modified: _before, ...comparable } = before
  const { modified: _after, ...compared } = after
  if (JSON.stringify(sorted(comparable)) === JSON.stringify(sorted(compared))) return before

  const entry = { ...after, modified: wholeSeconds(tx.time) } as UserEntry
  tx.set(keys.user(user), entry)
  return entry
}

const sorted = (fields: object): unknown =>
  Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))

/** Removes the user with all indexes. Refuses while one of them is not volatile. */
export async function removeUser(tx: WriteTransaction, user: string): Promise<void> {
  await getUser(tx, user)
  const indexes = await listIndexesOf(tx, user)
  const kept = indexes.find(({ entry }) => !entry.volatile)
  if (kept) throw refuse('user-has-nonvolatile-index', { user, index: kept.name })

  for (const { name } of indexes) await removeIndexContents(tx, name)
  tx.remove(keys.user(user))
}

/** Sets a password from the machine itself, as an administrator does. Refuses if there is no such user. */
export async function setPassword(ledger: Ledger, user: string, password: string): Promise<void> {
  const pwhash = await hashPassword(password)
  const change = { set: { pwhash }, drop: [], changesPassword: true }
  await ledger.write('admin', (tx) => changeUser(tx, user, change))
}

async function preparePassword(body: UserChanges): Promise<{ pwhash: string | undefined }> {
  const { password, pwhash } = body
  if (pwhash !== undefined && pwhash !== null && pwhash !== '') {
    if (typeof pwhash !== 'string' || !isPasswordHash(pwhash)) {
      throw refuse('user-value-invalid', { key: 'pwhash', expected: 'an argon2 PHC string' })
    }
    return { pwhash }
  }
  if (password === undefined || password === null) return { pwhash: undefined }
  if (typeof password !== 'string') {
    throw refuse('user-value-invalid', { key: 'password', expected: 'a text' })
  }
  if (password.length > MAX_TEXT) throw tooLong('password')
  return { pwhash: await hashPassword(password) }
}

/** Characters; more is no password, title or description. */
const MAX_TEXT = 65_536

function readFields(body: UserChanges): { set: Partial<UserEntry>; drop: (keyof UserEntry)[] } {
  const set: Record<string, unknown> = {}
  const drop: (keyof UserEntry)[] = []
  for (const field of TEXT_FIELDS) {
    const value = body[field]
    if (value === undefined) continue
    if (value === null || value === '') drop.push(field)
    else if (typeof value !== 'string') {
      throw refuse('user-value-invalid', { key: field, expected: 'a text' })
    } else if (value.length > MAX_TEXT) throw tooLong(field)
    else set[field] = value
  }
  if ('custom_data' in body) {
    if (isEmpty(body.custom_data)) drop.push('custom_data')
    else set.custom_data = body.custom_data
  }
  return { set, drop }
}

const tooLong = (key: string) =>
  refuse('user-value-invalid', { key, expected: `at most ${MAX_TEXT} characters long` })

/** Python's idea of false: such a value removes the key. */
function isEmpty(value: unknown): boolean {
  if (!value) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** RFC 3339 in UTC without fractions, as devpi writes times. */
export function wholeSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
