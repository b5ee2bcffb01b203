/** What may be done to indexes, by programs and on pages: with the rights, and all that belongs to it. */
import { actorName, type Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import { assertMayChangeIndex, assertMayCreateIndex, mayChangeIndex } from '#registry/access'
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
import type { MayRead } from '#registry/reading'
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

type Needs = Pick<Parts, 'ledger' | 'mirrors' | 'policies' | 'reading' | 'rehearsal'>

export function indexOperations(parts: Needs): IndexOperations {
  const { ledger, mirrors, policies, reading, rehearsal } = parts
  return {
    async create(who, { user, index, body }) {
      const name = indexName(user, index)
      // One of that name may have been removed a moment ago.
      if (isIndexName(name)) await finishRemoval(ledger, name, actorName(who))
      await readAhead(body, policies.options)
      const mayRead = await reading.seenBy(who)
      const options = { more: policies.options, mayRead }
      return ledger.write(actorName(who), async (tx) => {
        await assertMayMake(tx, { who, mayRead }, name)
        return createIndex(tx, user, index, body, options)
      })
    },

    async change(who, name, change, settings) {
      await readAhead(change, policies.options)
      const mayRead = await reading.seenBy(who)
      const options = { ...settings, more: policies.options, mayRead }
      const { before, after } = await ledger.write(actorName(who), async (tx) => {
        await assertMayChange(tx, { who, mayRead }, name, 'modify')
        return changeIndex(tx, name, change, options)
      })
      if (upstreamOf(before) !== upstreamOf(after)) mirrors.forget(name)
      return after
    },

    async remove(who, name) {
      const mayRead = await reading.seenBy(who)
      await ledger.write(actorName(who), async (tx) => {
        await assertMayChange(tx, { who, mayRead }, name, 'delete')
        await removeIndex(tx, name)
      })
      mirrors.forget(name)
      rehearsal.forget(name)
      await finishRemoval(ledger, name, actorName(who))
    },
  }
}

/** Who makes, changes or removes an index, and what they may read: undefined for all. */
export interface Asker {
  readonly who: Identity
  readonly mayRead: MayRead | undefined
}

/** To who may neither make nor read an index, it is not said that there is one. */
export async function assertMayMake(
  tx: ReadTransaction,
  asker: Asker,
  name: IndexName,
): Promise<void> {
  const slash = name.indexOf('/')
  if (!isHiddenFrom(asker, name)) {
    await assertIndexIsNew(tx, name.slice(0, slash), name.slice(slash + 1))
  }
  assertMayCreateIndex(name, asker.who)
}

/** Nobody may change an index that is not there: it is not said which of both is the reason. */
export async function assertMayChange(
  tx: ReadTransaction,
  asker: Asker,
  name: IndexName,
  action: 'modify' | 'delete',
): Promise<void> {
  if (isHiddenFrom(asker, name) || !(await findIndex(tx, name))) {
    throw refuse('forbidden', { action: `${action} ${name}` })
  }
  assertMayChangeIndex(name, asker.who, action)
}

const isHiddenFrom = ({ who, mayRead }: Asker, name: IndexName): boolean =>
  mayRead?.(name) === false && !mayChangeIndex(name, who)

/** Who is asked, and how: what is known of another upstream is old. */
const upstreamOf = (entry: IndexEntry): string =>
  JSON.stringify(Object.entries(entry).filter(([name]) => name.startsWith('mirror_')))
