/** Search for people, and the help on what may be asked. */
import { get, type Route } from '#http/route'
import type { PagePrinter } from '../page-printer.ts'
import type { WebParts } from '../parts.ts'
import { pageNumber } from '../views/paging.ts'
import { viewSearch } from '../views/search.ts'

export function searchPages({ search, reading }: WebParts, show: PagePrinter): Route[] {
  return [
    get('/+search', async (call) => {
      const query = call.query.get('query') ?? ''
      const mayRead = await reading.seenBy(call.who)
      const result = await search.query({ text: query, page: pageNumber(call.query), mayRead })
      return show(call, {
        template: 'search',
        subject: [],
        isPassing: true,
        make: async (_tx, addresses) => ({
          title: query === '' ? 'Search' : `${query} – Search`,
          path: [{ title: 'Search', address: addresses.search(query) }],
          query,
          styles: ['search.css'],
          view: viewSearch(query, result, addresses),
        }),
      })
    }),
    get('/+searchhelp', (call) =>
      show(call, {
        template: 'search-help',
        subject: [],
        make: async (_tx, addresses) => ({
          title: 'Search help',
          path: [{ title: 'Search help', address: addresses.at('+searchhelp') }],
          view: { searchAddress: addresses.search() },
        }),
      }),
    ),
  ]
}
