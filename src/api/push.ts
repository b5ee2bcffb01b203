/** Pushing a release from an index to another one, or to another server (devpi-http 4.17). */
import { UpstreamFailure } from '#base/failure'
import { json } from '#http/reply'
import type { Answer, Call, Handle } from '#http/route'
import { getIndex, indexName, type IndexName } from '#registry/indexes'
import type { PushedLink, PushOrder } from '#registry/push'
import { bodyObject, type JsonObject } from './body.ts'
import type { Parts } from './parts.ts'
import { pushExternally } from './push-external.ts'
import { pushInternally } from './push-internal.ts'
import { assertKnownKeys, readOrder, readTarget } from './push-order.ts'
import { findCopy } from './push-source.ts'
import { actorOf } from './users.ts'

/** An entry of devpi's `actionlog`: a status, what was done, and to what. */
export type Action = readonly (string | number)[]

const KEYS = ['name', 'version', 'no_docs', 'only_docs', 'targetindex']

export function pushHandle(parts: Parts): Handle {
  const { ledger, log } = parts

  return async (call) => {
    const source = sourceOf(call)
    await ledger.read((tx) => getIndex(tx, source))
    const body = await bodyObject(call)
    try {
      return await pushOne(call, body, source)
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error
      // As JSON whatever is accepted: devpi's clients read the message there.
      log.warn({ index: source, reason: error.message }, 'a push failed')
      return json(502, { message: error.message })
    }
  }

  async function pushOne(call: Call, body: JsonObject, source: IndexName): Promise<Answer> {
    const order = readOrder(body, source)
    const copy = await findCopy(parts, order)
    // A missing target is what devpi's clients leave out, and others send as null.
    if ((body.targetindex ?? undefined) === undefined) {
      return pushExternally(parts, call, { order, copy, body })
    }
    assertKnownKeys(body, KEYS)
    const target = readTarget(body)
    const push = { order, target, who: call.who, actor: actorOf(call), keepsSame: false }
    const pushed = await pushInternally(parts, push, copy)
    return json(200, { result: listActions(order, target, pushed), type: 'actionlog' })
  }
}

export function listActions(
  { name, version }: PushOrder,
  target: IndexName,
  pushed: readonly PushedLink[],
): Action[] {
  const actions = pushed.map(({ rel, path }): Action => {
    if (rel === 'doczip') return [200, 'store_doczip', name, version, '->', target]
    return [200, `store_${rel}`, path]
  })
  return [[200, 'register', name, version, '->', target], ...actions]
}

const sourceOf = ({ params: { user = '', index = '' } }: Call): IndexName => indexName(user, index)
