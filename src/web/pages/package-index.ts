/** The page of an index. */
import { get, type Route } from '#http/route'
import { DEFAULT_AROUND } from '#registry/inheritance-graph'
import { indexName } from '#registry/indexes'
import type { ToxReadings } from '#registry/tox-reading'
import type { MirroredMetadata } from '../mirrored-metadata.ts'
import type { WebParts } from '../parts.ts'
import { crumbs } from '../crumbs.ts'
import { everybodyReads } from '../everybody.ts'
import type { PagePrinter } from '../page-printer.ts'
import { indexActions } from '../views/actions.ts'
import { viewPackageIndex } from '../views/package-index.ts'
import { pageNumber } from '../views/paging.ts'

export function packageIndexPage(
  {
    tests,
    mirrored,
    policies,
    drawings,
    reading,
  }: WebParts & { readonly tests: ToxReadings; readonly mirrored: MirroredMetadata },
  show: PagePrinter,
): Route {
  return get('/:user/:index', async (call) => {
    const { user = '', index = '' } = call.params
    const name = indexName(user, index)
    const page = pageNumber(call.query)
    const around = aroundOf(call.query)
    const drawing = await drawings.find({
      viewed: name,
      around,
      mayRead: await reading.seenBy(call.who),
    })
    return show(call, {
      template: 'package-index',
      subject: [name, String(page), String(around)],
      basis: [drawing, policies.revision],
      make: async (tx, addresses) => ({
        title: `${name} index`,
        path: crumbs(addresses, user, index),
        feeds: [{ title: name, address: addresses.at(user, index, '+feed') }],
        actions: await indexActions(tx, name, { who: call.who, addresses }),
        ...(await viewPackageIndex(
          tx,
          { name, page, tests, mirrored, policies, drawing, around },
          { who: call.who, addresses, everybodyReads: await everybodyReads(reading, call) },
        )),
      }),
    })
  })
}

/** Steps of inheritance that are drawn, each way; what is no number of them is the nearest few. */
function aroundOf(query: URLSearchParams): number {
  const text = query.get('around') ?? ''
  if (text === 'all') return Infinity
  return /^[1-9]\d?$/.test(text) ? Number(text) : DEFAULT_AROUND
}
