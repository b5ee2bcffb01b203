/** A user of devpi-server as an entry here, and back. */
import { isPasswordHash } from '#registry/passwords'
import { legacyHash, readLegacyHash } from '#registry/legacy-password'
import type { UserEntry } from '#registry/users'

/** A value of devpi's that is an object. */
export type DevpiRecord = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is DevpiRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface TranslatedUser {
  readonly entry: UserEntry
  /** What could not be taken over, in sentences. */
  readonly notes: readonly string[]
}

/** As devpi has it where the time is not known. */
const UNKNOWN_TIME = '1970-01-01T00:00:00Z'
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

const TEXTS = ['email', 'title', 'description'] as const
const known = new Set<string>([
  ...TEXTS,
  ...['custom_data', 'pwhash', 'pwsalt', 'created', 'modified', 'username', 'indexes'],
])

/** `value`: devpi's USER value, or a user of its export. */
export function translateUser(name: string, value: DevpiRecord): TranslatedUser {
  const notes: string[] = []
  const entry: Record<string, unknown> = {}
  for (const field of TEXTS) {
    const text = value[field]
    if (typeof text === 'string' && text !== '') entry[field] = text.toWellFormed()
    else if (text !== undefined && text !== null && text !== '') {
      notes.push(`user ${name}: ${field} is no text and was left out`)
    }
  }
  if (value.custom_data !== undefined && value.custom_data !== null) {
    entry.custom_data = value.custom_data
  }
  const pwhash = translateHash(value)
  if (pwhash !== undefined) entry.pwhash = pwhash
  else if (isFilled(value.pwhash)) {
    notes.push(`user ${name}: the password's hash cannot be checked here; a new one is needed`)
  }
  for (const field of Object.keys(value)) {
    if (!known.has(field)) notes.push(`user ${name}: the field ${field} was left out`)
  }
  const { created, modified } = value
  entry.created = isInstant(created) ? created : UNKNOWN_TIME
  if (isInstant(modified)) entry.modified = modified
  return { entry: entry as unknown as UserEntry, notes }
}

const isFilled = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

const isInstant = (value: unknown): value is string =>
  typeof value === 'string' && INSTANT.test(value)

/** argon2 as it is; before argon2 devpi had a salt of its own and one round of SHA-256. */
function translateHash({ pwhash, pwsalt }: DevpiRecord): string | undefined {
  if (typeof pwhash !== 'string') return undefined
  if (isPasswordHash(pwhash)) return pwhash
  return typeof pwsalt === 'string' ? legacyHash(pwsalt, pwhash) : undefined
}

/** As devpi's export has users. */
export function printUser(name: string, entry: UserEntry): Record<string, unknown> {
  const { pwhash, life: _own, ...shown } = entry
  const legacy = pwhash === undefined ? undefined : readLegacyHash(pwhash)
  return {
    ...(legacy ? { pwsalt: legacy.salt, pwhash: legacy.hash } : pwhash !== undefined && { pwhash }),
    ...shown,
    username: name,
  }
}
