/** The pages that say how the server is, and why an index offers what it offers. */
import { get, type Route } from '#http/route'
import { normalizeLoosely } from '#python/name'
import { indexName } from '#registry/indexes'
import { crumbs } from '../crumbs.ts'
import type { HealthCheck } from '../health.ts'
import type { PagePrinter } from '../page-printer.ts'
import type { WebParts } from '../parts.ts'
import { viewExplanation } from '../views/explanation.ts'
import { viewStatus } from '../views/status.ts'

export function statusPages(
  parts: WebParts & { readonly health: HealthCheck },
  show: PagePrinter,
): Route[] {
  return [
    get('/+status', (call) =>
      show(call, {
        template: 'status',
        subject: [],
        isPassing: true,
        make: async (_tx, addresses) => ({
          title: 'Status',
          path: [{ title: 'Status', address: addresses.at('+status') }],
          view: await viewStatus(parts, call, addresses),
        }),
      }),
    ),
    get('/:user/:index/+explain/:project', async (call) => {
      const { user = '', index: short = '', project: asked = '' } = call.params
      const [index, project] = [indexName(user, short), normalizeLoosely(asked)]
      const version = call.query.get('version') || undefined
      const explanation = await parts.explain(index, project, version)
      return show(call, {
        template: 'explain',
        subject: [index, project],
        isPassing: true,
        make: async (_tx, addresses) => ({
          title: `Why ${index} offers what it offers of ${project}`,
          path: [
            ...crumbs(addresses, user, short, project),
            { title: 'Explain', address: addresses.explain(index, project) },
          ],
          view: viewExplanation(explanation, version, addresses),
        }),
      })
    }),
  ]
}
