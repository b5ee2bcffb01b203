/** What was changed, by whom and when, the newest first: what somebody may read of it, and never a value. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Identity } from '#base/identity'
import type { Change, ChangedEntry } from '#ledger/change'
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import { mayChangeIndex } from './access.ts'
import type { IndexName } from './indexes.ts'
import { keys } from './keys.ts'
import type { Reading, ReadingLimits } from './reading.ts'

export interface PastChange {
  readonly serial: Serial
  /** Milliseconds. */
  readonly at: number
  /** A user, or what did it by itself; empty for somebody who was not logged in. */
  readonly who: string
  readonly what: readonly ChangedThing[]
  /** How many more there are than `what` lists. */
  readonly more: number
}

export interface ChangedThing {
  readonly kind: Kind
  readonly action: 'added' | 'changed' | 'removed'
  /** Of a user; whatever else it is has an index. */
  readonly user?: string
  readonly index?: IndexName
  readonly project?: string
  /** Of a release, or its documentation. */
  readonly version?: string
  /** Of a file, or of the file that was tested. */
  readonly filename?: string
}

export type Kind = 'user' | 'index' | 'project' | 'release' | 'file' | 'docs' | 'toxresult'

export interface PastChanges {
  readonly changes: readonly PastChange[]
  /** Those before this serial may hold more; undefined at the beginning of history. */
  readonly before: Serial | undefined
}

export interface PastChangesWanted {
  /** The first serial that is not wanted; undefined: from the last one on. */
  readonly before: Serial | undefined
  /** Undefined: of all, with users. */
  readonly index: IndexName | undefined
  readonly who: Identity
  readonly most: number
}

/** `?before=`; what is no serial begins with the newest. */
export function serialIn(query: URLSearchParams): Serial | undefined {
  const text = query.get('before') ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** Things of one change that are listed. */
const MOST_THINGS = 20
/** Changes that are looked at for one answer. */
const MOST_LOOKED_AT = 2000
const CHANGES_A_TURN = 100

export async function listPastChanges(
  { ledger, reading }: { readonly ledger: Ledger; readonly reading: Reading },
  { before, index, who, most }: PastChangesWanted,
): Promise<PastChanges> {
  await ledger.catchUp()
  const limits = await reading.now()
  const sight = new Sight(ledger, limits, who)
  const changes: PastChange[] = []
  const last = Math.min(before ?? Infinity, ledger.serial + 1) - 1
  const end = Math.max(last - MOST_LOOKED_AT, -1)
  let serial = last
  for (; serial > end && changes.length < most; serial--) {
    if ((last - serial) % CHANGES_A_TURN === CHANGES_A_TURN - 1) await nextTurn()
    const change = await ledger.change(serial)
    if (!change) break
    const shown = await showChange(ledger, change, { index, sight })
    if (shown) changes.push(shown)
  }
  return { changes, before: serial < 0 ? undefined : serial + 1 }
}

async function showChange(
  ledger: Ledger,
  { serial, at, actor, entries }: Change,
  { index, sight }: { readonly index: IndexName | undefined; readonly sight: Sight },
): Promise<PastChange | undefined> {
  const what: ChangedThing[] = []
  let more = 0
  for (const entry of entries) {
    const thing = thingOf(entry)
    if (!thing || (index !== undefined && thing.index !== index)) continue
    if (thing.index !== undefined && !(await sight.maySee(thing.index, serial))) continue
    if (what.length >= MOST_THINGS) more++
    else what.push({ ...thing, action: await actionOf(ledger, entry, serial) })
  }
  return what.length === 0 ? undefined : { serial, at, who: actor, what, more }
}

const kinds: Readonly<Record<string, Kind>> = {
  ...{ user: 'user', index: 'index', project: 'project', version: 'release', file: 'file' },
  ...{ docs: 'docs', toxresult: 'toxresult' },
}

/** Undefined for what servers write for themselves. */
function thingOf({ path }: ChangedEntry): Omit<ChangedThing, 'action'> | undefined {
  const [first = '', user = '', short = '', project, last] = path.split('/')
  const kind = kinds[first]
  if (kind === undefined) return undefined
  if (kind === 'user') return { kind, user }
  const name = { ...(project !== undefined && { project }) }
  const isFile = kind === 'file' || kind === 'toxresult'
  const isRelease = kind === 'release' || kind === 'docs'
  return {
    ...{ kind, index: `${user}/${short}`, ...name },
    ...(isFile && last !== undefined && { filename: last }),
    ...(isRelease && last !== undefined && { version: last }),
  }
}

async function actionOf(
  ledger: Ledger,
  { path, value }: ChangedEntry,
  serial: Serial,
): Promise<ChangedThing['action']> {
  if (value === null) return 'removed'
  if (serial === 0) return 'added'
  const before = await ledger.readAt(serial - 1, (tx) => tx.get({ path }))
  return before === undefined ? 'added' : 'changed'
}

/**
 * Who may see what of an index: who may read it now sees all since it was last made. What an index held that is gone is
 * for those alone who may make it again: nobody can tell who might read it.
 */
class Sight {
  readonly #ledger: Ledger
  readonly #limits: ReadingLimits
  readonly #who: Identity
  readonly #made = new Map<IndexName, Promise<Serial>>()

  constructor(ledger: Ledger, limits: ReadingLimits, who: Identity) {
    this.#ledger = ledger
    this.#limits = limits
    this.#who = who
  }

  async maySee(index: IndexName, serial: Serial): Promise<boolean> {
    if (mayChangeIndex(index, this.#who)) return true
    if (!this.#limits.mayRead(index, this.#who)) return false
    const made = this.#made.get(index) ?? this.#ledger.read((tx) => madeAt(tx, index))
    this.#made.set(index, Promise.resolve(made))
    return serial >= (await made)
  }
}

/** When the index as it is was made: it has been changed since, and never been away. */
async function madeAt(tx: ReadTransaction, index: IndexName): Promise<Serial> {
  const lives = await tx.history(keys.index(index))
  let made = Infinity
  for (const { born, died } of lives.toReversed()) {
    if (died !== (made === Infinity ? undefined : made)) break
    made = born
  }
  return made
}
