/** Pushing a release from an index to another one, or to another server (devpi-http 4.17). */
import { UpstreamFailure } from '#base/failure'
import { json } from '#http/reply'
import type { Answer, Call, Handle } from '#http/route'
import { getIndex, type IndexName } from '#registry/indexes'
import { isList } from './push-list.ts'
import { bodyObject, type JsonObject } from './body.ts'
import type { Parts } from './parts.ts'
import { listActions } from './push-actions.ts'
import { pushMany } from './push-bulk.ts'
import { pushExternally } from './push-external.ts'
import { pushInternally } from './push-internal.ts'
import { assertKnownKeys, readOrder, readTarget } from './push-order.ts'
import { findCopy } from './push-source.ts'
import { indexOf } from './projects.ts'
import { actorOf } from './users.ts'

const KEYS = ['name', 'version', 'no_docs', 'only_docs', 'targetindex', 'filename']

export function pushHandle(parts: Parts): Handle {
  const { ledger, log } = parts

  return async (call) => {
    const source = indexOf(call)
    await ledger.read((tx) => getIndex(tx, source))
    const body = await bodyObject(call)
    try {
      return isList(body)
        ? await pushMany(parts, call, { source, body })
        : await pushOne(call, body, source)
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
