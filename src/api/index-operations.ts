/** What may be done to indexes, by programs and on pages: with the rights, and all that belongs to it. */
import { actorName, type Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import { assertMayChangeIndex, assertMayCreateIndex } from '#registry/access'
import {
  assertIndexIsNew,
  changeIndex,
  createIndex,
  type ChangeSettings,
} from '#registry/index-changes'
import { finishRemoval, removeIndex } from '#registry/index-removal'
import {
  findIndex,
  indexName,
  isIndexName,
  type IndexEntry,
  type IndexName,
} from '#registry/indexes'
import { readAhead } from '#registry/index-edits'
import type { OptionBody } from '#registry/index-options'
import type { Parts } from './parts.ts'

export interface NewIndex {
  readonly user: string
  readonly index: string
  readonly body: OptionBody
}

export interface IndexOperations {
  create(who: Identity, wanted: NewIndex): Promise<IndexEntry>
  /** An object with the options that change, or a list of edits. */
  change(
    who: Identity,
    name: IndexName,
    change: OptionBody | readonly unknown[],
    options?: Omit<ChangeSettings, 'more'>,
  ): Promise<IndexEntry>
  remove(who: Identity, name: IndexName): Promise<void>
}

type Needs = Pick<Parts, 'ledger' | 'mirrors' | 'policies' | 'rehearsal'>

export function indexOperations({ ledger, mirrors, policies, rehearsal }: Needs): IndexOperations {
  return {
    async create(who, { user, index, body }) {
      const name = indexName(user, index)
      // One of that name may have been removed a moment ago.
      if (isIndexName(name)) await finishRemoval(ledger, name, actorName(who))
      await readAhead(body, policies.options)
      return ledger.write(actorName(who), async (tx) => {
        await assertMayMake(tx, who, user, index)
        return createIndex(tx, user, index, body, policies.options)
      })
    },

    async change(who, name, change, settings) {
      const options = { ...settings, more: policies.options }
      await readAhead(change, policies.options)
      const { before, after } = await ledger.write(actorName(who), async (tx) => {
        await assertMayChange(tx, who, name, 'modify')
        return changeIndex(tx, name, change, options)
      })
      if (upstreamOf(before) !== upstreamOf(after)) mirrors.forget(name)
      return after
    },

    async remove(who, name) {
      await ledger.write(actorName(who), async (tx) => {
        await assertMayChange(tx, who, name, 'delete')
        await removeIndex(tx, name)
      })
      mirrors.forget(name)
      rehearsal.forget(name)
      await finishRemoval(ledger, name, actorName(who))
    },
  }
}

export async function assertMayMake(
  tx: ReadTransaction,
  who: Identity,
  user: string,
  index: string,
): Promise<void> {
  await assertIndexIsNew(tx, user, index)
  assertMayCreateIndex(indexName(user, index), who)
}

/** Nobody may change an index that is not there: it is not said which of both is the reason. */
export async function assertMayChange(
  tx: ReadTransaction,
  who: Identity,
  name: IndexName,
  action: 'modify' | 'delete',
): Promise<void> {
  if (!(await findIndex(tx, name))) throw refuse('forbidden', { action: `${action} ${name}` })
  assertMayChangeIndex(name, who, action)
}

/** Who is asked, and how: what is known of another upstream is old. */
const upstreamOf = (entry: IndexEntry): string =>
  JSON.stringify(Object.entries(entry).filter(([name]) => name.startsWith('mirror_')))
