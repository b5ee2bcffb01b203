/** The page of an index. */
import { get, type Route } from '#http/route'
import { indexName } from '#registry/indexes'
import type { ToxReadings } from '#registry/tox-reading'
import { crumbs } from '../crumbs.ts'
import type { PagePrinter } from '../page-printer.ts'
import { indexActions } from '../views/actions.ts'
import { pageNumber, viewPackageIndex } from '../views/package-index.ts'

export function packageIndexPage(show: PagePrinter, tests: ToxReadings): Route {
  return get('/:user/:index', (call) => {
    const { user = '', index = '' } = call.params
    const name = indexName(user, index)
    const page = pageNumber(call.query)
    return show(call, {
      template: 'package-index',
      subject: [name, String(page)],
      make: async (tx, addresses) => ({
        title: `${name} index`,
        path: crumbs(addresses, user, index),
        feeds: [{ title: name, address: addresses.at(user, index, '+feed') }],
        actions: await indexActions(tx, name, { who: call.who, addresses }),
        view: await viewPackageIndex(tx, { name, page, tests }, { who: call.who, addresses }),
      }),
    })
  })
}
