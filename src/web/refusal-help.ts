/** What helps whoever was refused something, as far as they may know: who may do it, and where to go on. */
import type { RefusalCode } from '#base/refusal'
import type { Call } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import type { ReadTransaction } from '#ledger/transaction'
import { normalizeLoosely } from '#python/name'
import { mayChangeIndex } from '#registry/access'
import { findIndex, indexName } from '#registry/indexes'
import { listResolutionOrder } from '#registry/inheritance'
import { keys } from '#registry/keys'
import type { Reading } from '#registry/reading'
import { Addresses } from './addresses.ts'
import type { Crumb } from './frame.ts'

export interface Help {
  readonly text?: string | undefined
  readonly links: readonly Crumb[]
}

interface Needs {
  readonly ledger: Ledger
  readonly reading: Reading
}

export const NO_HELP: Help = { links: [] }

/** Codes with which somebody is kept from changing something. */
type Forbidding = Extract<
  RefusalCode,
  | 'upload-forbidden'
  | 'index-nonvolatile'
  | 'index-not-creatable'
  | 'user-not-modifiable'
  | 'password-not-changeable'
  | 'forbidden'
>

type FindHelp = (call: Call, tx: ReadTransaction) => Help | Promise<Help>

const helps: Readonly<Record<Forbidding, FindHelp>> = {
  async 'upload-forbidden'(call, tx) {
    const { user = '', index = '' } = call.params
    const entry = await findIndex(tx, indexName(user, index))
    if (entry?.type !== 'stage') return NO_HELP
    const listed = entry.acl_upload.join(', ')
    const allowed =
      listed === '' ? 'Nobody may upload here now' : `Those may upload here: ${listed}`
    return {
      text: `${allowed} (acl_upload). ${whoChanges(user, call)} can change that.`,
      links: [],
    }
  },
  'index-nonvolatile': (call) => {
    const { user = '', index = '' } = call.params
    const name = indexName(user, index)
    const address = `${new Addresses(call).index(name)}/+edit`
    return {
      text: 'What is on an index that is not volatile stays. Who makes it volatile first can delete it.',
      links: mayChangeIndex(name, call.who) ? [{ title: `Change ${name}`, address }] : [],
    }
  },
  'index-not-creatable': (call) => {
    const { user } = call.who
    const isOwner = user !== undefined && mayChangeIndex(`${user}/`, call.who)
    const address = new Addresses(call).at(user ?? '', '+new-index')
    return {
      text: `${whoChanges(call.params.user, call)} can.`,
      links: isOwner ? [{ title: 'Make an index of your own', address }] : [],
    }
  },
  'user-not-modifiable': changesUser,
  'password-not-changeable': (call) => ({
    text: `${call.params.user} can, and ${administrators(call)}.`,
    links: [],
  }),
  async forbidden(call, tx) {
    const { user = '', index, project } = call.params
    if (index === undefined || project === undefined) return changesUser(call)
    const entry = await findIndex(tx, indexName(user, index))
    const uploaders = entry?.type === 'stage' ? entry.acl_upload.join(', ') : ''
    const others = uploaders === '' ? '' : `, and those who may upload here: ${uploaders}`
    return { text: `${whoChanges(user, call)} can${others}.`, links: [] }
  },
}

function changesUser(call: Call): Help {
  // Nobody takes root away.
  if (call.params.user === 'root' && call.path.endsWith('/+delete')) return NO_HELP
  return { text: `${whoChanges(call.params.user, call)} can.`, links: [] }
}

function whoChanges(owner: string | undefined, call: Call): string {
  // Where some are named for it, users do not look after what is theirs.
  if (call.who.isModifier !== undefined || owner === undefined) return capital(administrators(call))
  return owner === 'root' ? 'root' : `${owner} or root`
}

const administrators = ({ who }: Call): string =>
  who.isModifier === undefined ? 'root' : 'those whom the server names for it (--restrict-modify)'

const capital = (text: string): string => (text.startsWith('those') ? `T${text.slice(1)}` : text)

/** Undefined where nothing could help: nothing has to be looked up then. */
export function findHelp(
  { ledger, reading }: Needs,
  call: Call,
  { status, code }: { readonly status: number; readonly code?: RefusalCode | undefined },
): Promise<Help> | undefined {
  const find = code !== undefined && code in helps ? helps[code as Forbidding] : undefined
  if (find) return ledger.read(async (tx) => find(call, tx))
  const place = status === 404 ? placeOf(call.path) : undefined
  return place && linkProject({ ledger, reading }, call, place)
}

/** Below a project's own address. */
function placeOf(path: string): readonly [string, string, string] | undefined {
  const [user, index, project, further] = path.split('/').slice(1)
  if (!user || !index || !project || !further) return undefined
  return [user, index, project].some((name) => name.includes('+'))
    ? undefined
    : [user, index, project]
}

async function linkProject(
  { ledger, reading }: Needs,
  call: Call,
  [user, short, asked]: readonly [string, string, string],
): Promise<Help> {
  const [index, project] = [indexName(user, short), normalizeLoosely(asked)]
  const limits = await reading.now()
  if (!limits.mayRead(index, call.who)) return NO_HELP
  const isKnown = await ledger.read(async (tx) => {
    for (const { name } of await listResolutionOrder(tx, index)) {
      if (await tx.get(keys.project(name, project))) return true
    }
    return false
  })
  if (!isKnown) return NO_HELP
  const address = new Addresses(call).project(index, project)
  return { links: [{ title: `The project ${project} on ${index}`, address }] }
}
