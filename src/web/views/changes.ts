/** The model of the template `changes`: who changed what, and when. */
import type { Identity } from '#base/identity'
import type { Ledger } from '#ledger/ledger'
import type { IndexName } from '#registry/indexes'
import { listPastChanges, type ChangedThing } from '#registry/past-changes'
import type { Reading } from '#registry/reading'
import type { Addresses } from '../addresses.ts'

export interface ChangesView {
  /** Undefined for those of the whole server. */
  readonly index: IndexName | undefined
  readonly changes: readonly ChangeLine[]
  /** Undefined where there are none. */
  readonly newestAddress: string | undefined
  readonly olderAddress: string | undefined
}

export interface ChangeLine {
  readonly serial: number
  /** Milliseconds. */
  readonly at: number
  /** Empty for somebody who was not logged in. */
  readonly who: string
  readonly what: readonly ChangedThingLine[]
  /** How many more there are than `what` lists. */
  readonly more: number
}

export interface ChangedThingLine {
  /** `user`, `index`, `project`, `release`, `file`, `documentation`, `test result` */
  readonly kind: string
  readonly action: 'added' | 'changed' | 'removed'
  readonly name: string
  /** Where it is on, unless the page is of that index alone. */
  readonly index: string | undefined
  /** Undefined for what was removed. */
  readonly address: string | undefined
}

interface Wanted {
  readonly index: IndexName | undefined
  readonly before: number | undefined
  readonly who: Identity
}

const MOST = 50

export async function viewChanges(
  parts: { readonly ledger: Ledger; readonly reading: Reading },
  { index, before, who }: Wanted,
  addresses: Addresses,
): Promise<ChangesView> {
  const found = await listPastChanges(parts, { index, before, who, most: MOST })
  const here = addresses.changes(index)
  return {
    index,
    changes: found.changes.map(({ what, ...change }) => ({
      ...change,
      what: what.map((thing) => lineOf(thing, index, addresses)),
    })),
    newestAddress: before === undefined ? undefined : here,
    olderAddress: found.before === undefined ? undefined : `${here}?before=${found.before}`,
  }
}

const words: Readonly<Partial<Record<ChangedThing['kind'], string>>> = {
  docs: 'documentation',
  toxresult: 'test result',
}

function lineOf(
  thing: ChangedThing,
  shown: IndexName | undefined,
  addresses: Addresses,
): ChangedThingLine {
  const { kind, action, user = '', index = '', project = '', version, filename } = thing
  const release = version === undefined ? project : `${project} ${version}`
  return {
    kind: words[kind] ?? kind,
    action,
    name: { user, index }[kind as string] ?? filename ?? release,
    index: kind === 'user' || kind === 'index' || index === shown ? undefined : index,
    address: action === 'removed' ? undefined : addressOf(thing, addresses),
  }
}

function addressOf(thing: ChangedThing, addresses: Addresses): string {
  const { kind, user = '', index = '', project = '', version } = thing
  if (kind === 'user') return addresses.user(user)
  if (kind === 'index') return addresses.index(index)
  return version === undefined
    ? addresses.project(index, project)
    : addresses.release(index, project, version)
}
