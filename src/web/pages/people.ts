/** The start page and the pages of users. */
import { get, type Call, type Route } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import type { Addresses } from '../addresses.ts'
import { everybodyReads } from '../everybody.ts'
import type { PagePrinter } from '../page-printer.ts'
import type { WebParts } from '../parts.ts'
import type { Theme } from '../theme/theme.ts'
import { homeActions, userActions } from '../views/actions.ts'
import { orderKeys } from '../views/custom-order.ts'
import { viewHome, viewOneUser, type Asking } from '../views/home.ts'

export function peoplePages(
  { readmes, reading }: Pick<WebParts, 'readmes' | 'reading'>,
  { show, theme }: { readonly show: PagePrinter; readonly theme: () => Theme },
): Route[] {
  async function printFrontPage(): Promise<string | undefined> {
    const text = theme().words.frontPage
    if (text === undefined) return undefined
    return (await readmes.render({ text, contentType: 'text/markdown' })).html
  }

  async function askingOf(call: Call, tx: ReadTransaction, addresses: Addresses): Promise<Asking> {
    const { who } = call
    const mayRead = await reading.seenBy(who, tx)
    return { who, addresses, mayRead, everybodyReads: await everybodyReads(reading, call) }
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
            ...(await viewHome(tx, keys, await askingOf(call, tx, addresses))),
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
          view: await viewOneUser(tx, user, keys, await askingOf(call, tx, addresses)),
        }),
      })
    }),
  ]
}
