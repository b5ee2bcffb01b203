/** What members of a group of servers tell each other: who takes changes, in which epoch. */
import { refuse } from '#base/refusal'
import { post, type Answer, type Call, type Route } from '#http/route'
import { WireProblem } from '#replication/change-text'
import { LARGEST_VIEW, parseView, printView, type GroupView } from '#replication/group-view'
import type { Parts } from './parts.ts'
import { assertReplica, FOR_REPLICAS } from './replication.ts'

export function groupRoutes({ replication }: Parts): Route[] {
  const early = (call: Call): void => void assertReplica(replication, call)
  return [post('/+group', answer, { isLocal: true, early })]

  async function answer(call: Call): Promise<Answer> {
    const { key } = assertReplica(replication, call)
    const question = readQuestion(key, await call.bytes(LARGEST_VIEW))
    const view = await replication.membership.answer(question, `${call.root}/`)
    return {
      status: 200,
      headers: { ...FOR_REPLICAS, 'Content-Type': 'application/vnd.wheelyard.group' },
      body: printView(key, 'answer', view),
    }
  }
}

function readQuestion(key: Uint8Array, bytes: Uint8Array): GroupView {
  try {
    return parseView(key, 'question', bytes)
  } catch (error) {
    if (error instanceof WireProblem) throw refuse('bad-request', { reason: error.message })
    throw error
  }
}
