/** Prints pages and keeps them: what nobody in particular asks for is the same until the ledger says otherwise. */
import type { Answer, Call } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import type { Page } from '#simple/page'
import { Addresses } from './addresses.ts'
import { pageModel, type PageFacts } from './frame.ts'
import type { Health, HealthCheck } from './health.ts'
import type { WebParts } from './parts.ts'
import { sendOnce, sendPage } from './send-page.ts'
import type { Theme } from './theme/theme.ts'

/** One page, and all that it depends on. */
export interface PageOrder<View> {
  readonly template: string
  /** What else tells it from other pages of its template: names, the page number. */
  readonly subject: readonly string[]
  /** Values that the page was made from besides the ledger: it is kept as long as they stay the same. */
  readonly basis?: readonly unknown[]
  /** It depends on more than the ledger and its basis tell, and is made anew each time. */
  readonly isPassing?: boolean
  /** Hosts of pictures on it. */
  readonly images?: 'own' | 'any'
  /** The origin of what it shows in a frame; else the server's own. */
  readonly frames?: string | undefined
  make(tx: ReadTransaction, addresses: Addresses): Promise<PageFacts<View>>
}

/** What a kept page's answer needs besides its bytes. */
interface Extra {
  readonly basis: readonly unknown[]
}

/** Kept pages are true only while these are: the last is for what somebody may do. */
export type PagePrinter = <View>(call: Call, order: PageOrder<View>) => Promise<Answer>

export function pagePrinter(
  parts: WebParts & { readonly health: HealthCheck },
  themeNow: () => Theme,
): PagePrinter {
  const { ledger, pages, server } = parts

  return async function show<View>(call: Call, order: PageOrder<View>): Promise<Answer> {
    const addresses = new Addresses(call)
    const theme = themeNow()
    const health = await parts.health.tell(call.who)
    const facts = (tx: ReadTransaction) => order.make(tx, addresses)
    // What belongs to one reader is not kept for the others.
    const isShared = call.who.user === undefined && order.isPassing !== true
    await ledger.catchUpOnce()
    if (!isShared) return sendOnce(call, print(await ledger.read(facts)), order)
    const name = `web ${order.template} ${order.subject.join(' ')} ${call.root} ${theme.digest} ${healthShown(health)}`
    const kept = pages.find<Extra>(name)
    const { basis = [] } = order
    const isSame = kept?.extra.basis.every((value, at) => value === basis[at])
    if (kept && isSame) return sendPage(call, kept, order)
    const page: Page<Extra> = await pages.build<Extra>(name, async (tx) => {
      const found = await facts(tx)
      return { text: print(found), extra: { basis }, isPassing: found.isPassing }
    })
    return sendPage(call, page, order)

    function print(found: PageFacts<View>): string {
      const framing = { call, addresses, theme, version: server.version, health }
      const model = pageModel(order.template, found, framing)
      return theme.templates.render('layout', model)
    }
  }
}

/** What the pages around say of it: all that is fatal, otherwise a word. */
function healthShown({ word, messages }: Health): string {
  return word === 'fatal' ? JSON.stringify(messages) : word
}
