/** How all indexes inherit from each other, on one page. */
import { get, type Route } from '#http/route'
import { printDiagram } from '../diagram.ts'
import type { PagePrinter } from '../page-printer.ts'
import type { WebParts } from '../parts.ts'

export function inheritancePage({ drawings, reading }: WebParts, show: PagePrinter): Route {
  return get('/+inheritance', async (call) => {
    const drawing = await drawings.find({
      viewed: undefined,
      around: Infinity,
      mayRead: await reading.seenBy(call.who),
    })
    return show(call, {
      template: 'inheritance',
      subject: [],
      basis: [drawing],
      make: async (_tx, addresses) => ({
        title: 'Inheritance',
        path: [{ title: 'Inheritance', address: addresses.at('+inheritance') }],
        view: { diagram: drawing && printDiagram(drawing, { address: addresses.index }) },
      }),
    })
  })
}
