/** What a change in the ledger did to indexes, as followers are told of it. */
import { anonymous } from '#base/identity'
import type { Change } from '#ledger/change'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import type { IndexChange, IndexEvent } from './hooks.ts'
import { viewIndex, type IndexEntry, type IndexName } from './indexes.ts'
import { keys } from './keys.ts'

const INDEXES = keys.indexes().prefix
const USERS = keys.users().prefix

/** Without secrets. Indexes stand before users. */
export async function listIndexChanges(ledger: Ledger, change: Change): Promise<IndexChange[]> {
  const { serial, at, actor } = change
  const paths = change.entries.map(({ path }) => path).filter((path) => path.startsWith(INDEXES))
  const names = paths.map((path) => path.slice(INDEXES.length))
  const before =
    serial > 0 ? await readIndexes(ledger, serial - 1, names) : new Map<IndexName, IndexEntry>()
  const after = await readIndexes(ledger, serial, names)
  const events = names.flatMap((name) => eventOf(name, before.get(name), after.get(name)))
  const goneUsers = change.entries
    .filter(({ path, value }) => path.startsWith(USERS) && value === null)
    .map(({ path }): IndexEvent => ({ what: 'user-deleted', user: path.slice(USERS.length) }))
  return [...events, ...goneUsers].map((event) => ({ ...event, serial, at, actor }))
}

/** All indexes there are, as if they had been created now. */
export async function listAsCreated(tx: ReadTransaction, at: number): Promise<IndexChange[]> {
  const indexes = await tx.list(keys.indexes())
  return indexes.map(({ name, value }) => ({
    ...{ what: 'index-created', index: name, after: shown(name, value) },
    ...{ serial: tx.serial, at, actor: '' },
  }))
}

async function readIndexes(
  ledger: Ledger,
  serial: number,
  names: readonly IndexName[],
): Promise<Map<IndexName, IndexEntry>> {
  const found = new Map<IndexName, IndexEntry>()
  if (names.length === 0) return found
  await ledger.readAt(serial, async (tx) => {
    for (const name of names) {
      const entry = await tx.get(keys.index(name))
      if (entry) found.set(name, shown(name, entry))
    }
  })
  return found
}

const shown = (name: IndexName, entry: IndexEntry): IndexEntry =>
  viewIndex({ name, entry }, anonymous)

function eventOf(
  index: IndexName,
  before: IndexEntry | undefined,
  after: IndexEntry | undefined,
): IndexEvent[] {
  if (before && after) return [{ what: 'index-modified', index, before, after }]
  if (after) return [{ what: 'index-created', index, after }]
  return before ? [{ what: 'index-deleted', index, before }] : []
}
