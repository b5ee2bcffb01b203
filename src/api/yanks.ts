/** Yanking the files of a release, and undoing it. devpi has nothing like it. */
import { actorName, type Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import { json } from '#http/reply'
import { del, put, type Answer, type Call, type Route } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import { assertMayYank } from '#registry/access'
import { findIndex } from '#registry/indexes'
import { readYankReason, setYank, type YankPlace } from '#registry/yanks'
import { bodyObject } from './body.ts'
import type { Parts } from './parts.ts'
import { indexOf, projectOf } from './projects.ts'
import { named } from './views.ts'

export interface YankOrder extends YankPlace {
  readonly who: Identity
  /** Undefined: not yanked any more. */
  readonly yanked: true | string | undefined
}

/** Returns the files that are changed by it. */
export function changeYank(ledger: Ledger, order: YankOrder): Promise<string[]> {
  const { who, yanked, index } = order
  return ledger.write(actorName(who), async (tx) => {
    const entry = await findIndex(tx, index)
    if (!entry) throw refuse('forbidden', { action: `yank on index ${index}` })
    assertMayYank({ name: index, entry }, who)
    return setYank(tx, order, yanked)
  })
}

export function yankRoutes({ ledger }: Parts): Route[] {
  const path = '/:user/:index/:project/:version/+yank'
  return [put(path, named(yank)), del(path, named(unyank))]

  async function yank(call: Call): Promise<Answer> {
    const { reason = '', filename } = (await call.bytes()).length > 0 ? await bodyObject(call) : {}
    const isReadable =
      typeof reason === 'string' && (filename === undefined || typeof filename === 'string')
    if (!isReadable) {
      throw refuse('bad-request', { reason: 'Bad request: reason and filename must be texts' })
    }
    const yanked = readYankReason(reason)
    const files = await changeYank(ledger, { ...placeOf(call), filename, yanked, who: call.who })
    return json(200, { result: files, message: `${counted(files)} yanked` })
  }

  async function unyank(call: Call): Promise<Answer> {
    const filename = call.query.get('filename') ?? undefined
    const order = { ...placeOf(call), filename, yanked: undefined, who: call.who }
    const files = await changeYank(ledger, order)
    return json(200, { result: files, message: `${counted(files)} no longer yanked` })
  }
}

const counted = ({ length }: readonly string[]): string =>
  length === 1 ? '1 file is' : `${length} files are`

const placeOf = (call: Call) => ({
  index: indexOf(call),
  project: projectOf(call),
  version: call.params.version ?? '',
})
