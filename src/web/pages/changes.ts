/** The pages of recent changes: of the server, and of an index. */
import { get, type Answer, type Call, type Route } from '#http/route'
import { getIndex, indexName, type IndexName } from '#registry/indexes'
import { serialIn } from '#registry/past-changes'
import { crumbs } from '../crumbs.ts'
import type { PagePrinter } from '../page-printer.ts'
import type { WebParts } from '../parts.ts'
import { viewChanges } from '../views/changes.ts'

export function changesPages(parts: WebParts, show: PagePrinter): Route[] {
  return [
    get('/+changes', (call) => showChanges(call)),
    get('/:user/:index/+changes', (call) => {
      const { user = '', index = '' } = call.params
      return showChanges(call, indexName(user, index))
    }),
  ]

  function showChanges(call: Call, index?: IndexName): Promise<Answer> {
    const before = serialIn(call.query)
    return show(call, {
      template: 'changes',
      subject: [],
      // What is shown depends on who asks, and each commit changes it.
      isPassing: true,
      make: async (tx, addresses) => {
        if (index !== undefined) await getIndex(tx, index)
        const path = index === undefined ? [] : crumbs(addresses, ...index.split('/'))
        return {
          title: index === undefined ? 'Recent changes' : `Recent changes of ${index}`,
          path: [...path, { title: 'Recent changes', address: addresses.changes(index) }],
          view: await viewChanges(parts, { index, before, who: call.who }, addresses),
        }
      },
    })
  }
}
