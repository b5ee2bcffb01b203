/** The fields of a user as a client sends them: read and checked before the transaction, with the password's hash. */
import { refuse } from '#base/refusal'
import { jsonProblem } from './json-value.ts'
import { assertAllowedName } from './names.ts'
import { hashPassword, isPasswordHash } from './passwords.ts'
import type { UserChange } from './users.ts'

/** What users say of themselves. */
export interface UserFields {
  readonly email?: string
  readonly title?: string
  readonly description?: string
  /** Any JSON. */
  readonly custom_data?: unknown
}

export type UserBody = Readonly<Record<string, unknown>>

const TEXT_FIELDS = ['email', 'title', 'description'] as const

const CREATE_KEYS: ReadonlySet<string> = new Set([
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

/** Characters; more is no password, title or description. */
const MAX_TEXT = 65_536
/** Characters of its JSON. */
const MAX_CUSTOM_DATA = 262_144

/** The fields of a new user, whose password may be null: then nobody can log in with one. */
export async function prepareUser(user: string, body: UserBody): Promise<UserChange['set']> {
  assertAllowedName('user', user)
  if (!Object.hasOwn(body, 'password')) throw refuse('user-password-missing')
  const unknown = Object.keys(body).filter((name) => !CREATE_KEYS.has(name))
  if (unknown.length > 0) {
    throw refuse('user-keys-unknown', { keys: unknown.join(', ').slice(0, 500).toWellFormed() })
  }
  const { set } = readFields(body)
  return { ...set, ...(await preparePassword(body)) }
}

export interface PreparedChange extends UserChange {
  /** Whether the client gave a new password, and so needs a new login. */
  readonly changesPassword: boolean
}

/** Keys that are not acted on are ignored: clients echo the whole record (devpi's `user -m`). */
export async function prepareUserChange(body: UserBody): Promise<PreparedChange> {
  const { set, drop } = readFields(body)
  const changesPassword = body.password !== undefined && body.password !== null
  return { set: { ...set, ...(await preparePassword(body)) }, drop, changesPassword }
}

/** A hash wins over a password beside it. */
async function preparePassword({ password, pwhash }: UserBody): Promise<{ pwhash?: string }> {
  if (password !== undefined && password !== null) {
    if (typeof password !== 'string') throw invalid('password', 'a text')
    assertShort('password', password.length, MAX_TEXT)
  }
  if (pwhash !== undefined && pwhash !== null && pwhash !== '') {
    if (typeof pwhash !== 'string' || !isPasswordHash(pwhash)) {
      throw invalid('pwhash', 'an argon2 PHC string of moderate cost')
    }
    return { pwhash }
  }
  return typeof password === 'string' ? { pwhash: await hashPassword(password) } : {}
}

function readFields(body: UserBody): UserChange {
  const set: Record<string, unknown> = {}
  const drop: (keyof UserFields)[] = []
  for (const name of TEXT_FIELDS) {
    const value = body[name]
    if (value === undefined) continue
    if (isEmpty(value)) drop.push(name)
    else if (typeof value !== 'string') throw invalid(name, 'a text')
    else {
      assertShort(name, value.length, MAX_TEXT)
      set[name] = value
    }
  }
  if (body.custom_data !== undefined) {
    const value = body.custom_data
    const problem = jsonProblem(value, MAX_CUSTOM_DATA)
    if (problem !== undefined) throw invalid('custom_data', problem)
    if (isEmpty(value)) drop.push('custom_data')
    else set.custom_data = value
  }
  return { set, drop }
}

/** Python's idea of false: such a value removes the key. */
function isEmpty(value: unknown): boolean {
  if (!value) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function assertShort(key: string, length: number, limit: number): void {
  if (length > limit) throw invalid(key, `at most ${limit} characters long`)
}

const invalid = (key: string, expected: string) => refuse('user-value-invalid', { key, expected })
