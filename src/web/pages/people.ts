/** The start page and the pages of users. */
import { get, type Route } from '#http/route'
import type { PagePrinter } from '../page-printer.ts'
import type { WebParts } from '../parts.ts'
import type { Theme } from '../theme/theme.ts'
import { homeActions, userActions } from '../views/actions.ts'
import { orderKeys } from '../views/custom-order.ts'
import { viewHome, viewOneUser } from '../views/home.ts'

export function peoplePages(
  { readmes, reading }: Pick<WebParts, 'readmes' | 'reading'>,
  { show, theme }: { readonly show: PagePrinter; readonly theme: () => Theme },
): Route[] {
  async function printFrontPage(): Promise<string | undefined> {
    const text = theme().words.frontPage
    if (text === undefined) return undefined
    return (await readmes.render({ text, contentType: 'text/markdown' })).html
  }

  return [
    get('/', (call) => {
      const keys = orderKeys(call.query)
      return show(call, {
        template: 'home',
        subject: [keys.group, keys.sort].map(encodeURIComponent),
        make: async (tx, addresses) => ({
          title: 'Indexes',
          path: [],
          actions: homeActions({ who: call.who, addresses }),
          view: {
            ...(await viewHome(tx, keys, {
              who: call.who,
              addresses,
              mayRead: await reading.seenBy(call.who, tx),
            })),
            frontPage: await printFrontPage(),
          },
        }),
      })
    }),
    get('/:user', (call) => {
      const { user = '' } = call.params
      const keys = orderKeys(call.query)
      return show(call, {
        template: 'user',
        subject: [user, keys.sort].map(encodeURIComponent),
        make: async (tx, addresses) => ({
          title: user,
          path: [{ title: user, address: addresses.user(user) }],
          actions: userActions(user, { who: call.who, addresses }),
          view: await viewOneUser(tx, user, keys, {
            who: call.who,
            addresses,
            mayRead: await reading.seenBy(call.who, tx),
          }),
        }),
      })
    }),
  ]
}
