/** Recent changes, of the server and of an index: who changed what, and when. */
import { jsonValue } from '#http/reply'
import { get, type Answer, type Call, type Route } from '#http/route'
import { getIndex, indexName, type IndexName } from '#registry/indexes'
import { listPastChanges, serialIn } from '#registry/past-changes'
import type { Parts } from './parts.ts'
import { asJson } from './views.ts'

const MOST = 50

export function changesRoutes({ ledger, reading }: Parts): Route[] {
  return [
    get(
      '/+changes',
      asJson((call) => showChanges(call)),
    ),
    get(
      '/:user/:index/+changes',
      asJson(async (call) => {
        const { user = '', index: short = '' } = call.params
        const index = indexName(user, short)
        await ledger.read((tx) => getIndex(tx, index))
        return showChanges(call, index)
      }),
    ),
  ]

  async function showChanges({ query, who }: Call, index?: IndexName): Promise<Answer> {
    const { changes, before } = await listPastChanges(
      { ledger, reading },
      { before: serialIn(query), index, who, most: MOST },
    )
    const result = {
      serial: ledger.serial,
      changes: changes.map(({ at, ...change }) => ({ ...change, at: new Date(at).toISOString() })),
      before: before ?? null,
    }
    const headers = { 'Cache-Control': 'private, no-cache' }
    return jsonValue(200, { type: 'changes', result }, headers)
  }
}
