/** devpi's users, with the configurations of their indexes, as ours. */
import type { WriteTransaction } from '#ledger/transaction'
import { removeLeftovers } from '#registry/index-removal'
import { indexName, type IndexEntry, type IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { isKeySegment } from '#registry/names'
import type { UserEntry } from '#registry/users'
import { legacyHash } from '#registry/legacy-password'
import { asDict, asText, toJson, type PythonDict, type PythonValue } from './values.ts'

/** Instants that devpi does not know. */
const UNKNOWN = '1970-01-01T00:00:00Z'

/** What of a user is told otherwise here, or not kept in its entry. */
const notKept = new Set(['indexes', 'username', 'password', 'pwhash', 'pwsalt'])

/** A user and all indexes, as devpi has them from now on; null: none. Returns the indexes that are gone. */
export async function translateUser(
  tx: WriteTransaction,
  user: string,
  value: PythonValue,
): Promise<IndexName[]> {
  const fields = asDict(value)
  const configs = new Map<string, PythonDict>()
  for (const [name, config] of asDict(fields?.get('indexes')) ?? []) {
    const options = asDict(config)
    if (typeof name === 'string' && isKeySegment(name) && options) configs.set(name, options)
  }
  const gone: IndexName[] = []
  for (const name of await tx.listNames(keys.indexesOf(user))) {
    if (!configs.has(name)) gone.push(indexName(user, name))
  }
  for (const index of gone) await removeWhole(tx, index)
  for (const [name, config] of configs) {
    const index = indexName(user, name)
    const entry = readIndex(user, config)
    const before = await tx.get(keys.index(index))
    if (before && before.type !== entry.type) await removeWhole(tx, index)
    tx.set(keys.index(index), entry)
  }
  if (fields) tx.set(keys.user(user), readUser(fields))
  else tx.remove(keys.user(user))
  return gone
}

function readUser(fields: PythonDict): UserEntry {
  const kept = [...fields].filter(([name]) => typeof name === 'string' && !notKept.has(name))
  const pwhash = asText(fields.get('pwhash'))
  const salt = asText(fields.get('pwsalt'))
  return {
    ...(toJson(new Map(kept)) as Partial<UserEntry>),
    created: asText(fields.get('created')) ?? UNKNOWN,
    ...(pwhash !== undefined && {
      pwhash: salt === undefined ? pwhash : (legacyHash(salt, pwhash) ?? pwhash),
    }),
  }
}

/** What older servers left out is as it was with them. Options that nobody here knows are kept as they are. */
function readIndex(user: string, config: PythonDict): IndexEntry {
  const options = toJson(config) as Record<string, unknown>
  if (options['type'] === 'mirror') {
    return { volatile: true, ...options } as unknown as IndexEntry
  }
  return {
    volatile: true,
    bases: [],
    acl_upload: [user],
    acl_toxresult_upload: [':ANONYMOUS:'],
    // As it was called before devpi-server 3.
    mirror_whitelist: options['pypi_whitelist'] ?? [],
    mirror_whitelist_inheritance: 'union',
    ...options,
    // Those of plugins are stages with more options.
    type: 'stage',
  } as unknown as IndexEntry
}

/** In this change, whatever it held. */
async function removeWhole(tx: WriteTransaction, index: IndexName): Promise<void> {
  tx.remove(keys.index(index))
  tx.set(keys.removal(index), {})
  await removeLeftovers(tx, index)
}
