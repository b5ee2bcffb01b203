/**
 * Pushing many releases in one request, from an index and its bases. Each is a change of its own, and what is there
 * already with the same bytes is no error: a request that was broken off is sent again.
 */
import { StorageFailure, UpstreamFailure } from '#base/failure'
import { mapInParallel } from '#base/parallel'
import { Refusal, refuse } from '#base/refusal'
import { answerError } from '#http/refusal-reply'
import { json } from '#http/reply'
import type { Answer, Call } from '#http/route'
import type { IndexName } from '#registry/indexes'
import type { PushOrder } from '#registry/push'
import { chooseRelease, findRelease } from '#registry/push-choice'
import { listHidden } from '#registry/push-policies'
import type { JsonObject } from './body.ts'
import { freshenSources, learnFacts } from './freshen.ts'
import type { Parts } from './parts.ts'
import { listActions, listLeftOut, type Action } from './push-actions.ts'
import { getTarget, pushInternally } from './push-internal.ts'
import { LIST_KEYS, readList, type Wanted } from './push-list.ts'
import { assertKnownKeys, readDocsFlags, readTarget } from './push-order.ts'
import { findCopy } from './push-source.ts'
import { actorOf } from './users.ts'

/** Releases that are worked on at a time. */
const AT_ONCE = 4

export async function pushMany(
  parts: Parts,
  call: Call,
  { source, body }: { source: IndexName; body: JsonObject },
): Promise<Answer> {
  assertKnownKeys(body, LIST_KEYS)
  const list = readList(body)
  const flags = readDocsFlags(body)
  if (flags.noDocs && flags.onlyDocs) throw refuse('push-docs-unclear')
  const target = readTarget(body)
  const { who } = call
  const mayRead = await parts.reading.seenBy(who)
  await parts.ledger.read((tx) => getTarget(tx, { target, who, mayRead }))
  const done = await mapInParallel(list, AT_ONCE, (wanted) => pushSafely(wanted))
  const actions = done.flat()
  // Of a thousand releases there may be more actions than a call takes arguments.
  const status = actions.reduce((worst, [code]) => Math.max(worst, Number(code)), 200)
  return json(status, { result: actions, type: 'actionlog' })

  /** One that fails does not keep the others back. */
  async function pushSafely(wanted: Wanted): Promise<Action[]> {
    try {
      return await pushOne(wanted)
    } catch (error) {
      const isExpected = [Refusal, UpstreamFailure, StorageFailure].some(
        (kind) => error instanceof kind,
      )
      if (!isExpected) throw error
      const { answer, isFailure } = answerError(error, call)
      const { message: reason } = error as Error
      const version = wanted.version ?? wanted.text
      if (isFailure) parts.log.warn({ index: source, name: wanted.name, reason }, 'a push failed')
      return [[answer.status, 'push', wanted.name, version, reason]]
    }
  }

  async function pushOne(wanted: Wanted): Promise<Action[]> {
    if (call.signal.aborted) return [] // nobody is there to be told
    const order = { ...(await chooseOrder(wanted)), ...flags }
    const copy = await findCopy(parts, order)
    const push = { order, target, who, actor: actorOf(call), keepsSame: true }
    const pushed = await pushInternally(parts, push, copy)
    if (pushed.links.length > 0) return listActions(order, target, pushed)
    const unchanged: Action = [200, 'unchanged', order.name, order.version, '->', target]
    return [unchanged, ...listLeftOut(pushed.hidden)]
  }

  async function chooseOrder(wanted: Wanted): Promise<Omit<PushOrder, 'noDocs' | 'onlyDocs'>> {
    const { name } = wanted
    const project = wanted.version === undefined ? wanted.wish.project : wanted.project
    const { sources, failure } = await freshenSources(parts, { index: source, project })
    await learnFacts(parts, sources, project)
    const choice = await parts.ledger.read(async (tx) => {
      if (wanted.version !== undefined) return findRelease(tx, sources.used, wanted)
      const findHidden = await listHidden(tx, parts.policies, { asked: source, project })
      return chooseRelease(tx, { indexes: sources.used, findHidden }, wanted.wish)
    })
    if (!choice) throw failure ?? noRelease(wanted)
    const hashes = wanted.version === undefined ? wanted.wish.hashes : undefined
    return { source: choice.index, asked: source, project, name, version: choice.version, hashes }
  }

  function noRelease(wanted: Wanted): Refusal {
    const { name, version } = wanted
    if (version !== undefined) return refuse('push-no-release', { name, version, index: source })
    return refuse('push-no-match', { requirement: wanted.text, index: source })
  }
}
