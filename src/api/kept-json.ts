/** Answers in JSON that are kept, as pages are, until the first change to what they were made from. */
import type { Identity } from '#base/identity'
import { jsonType, printJson, type Envelope } from '#http/reply'
import type { Answer } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import type { Page } from '#simple/page'
import type { Parts } from './parts.ts'

/** Sends the answer of that name, which tells everything it depends on apart from the ledger. */
export type SendKept = (
  name: string,
  render: (tx: ReadTransaction) => Promise<Envelope>,
) => Promise<Answer>

export function jsonKeeper({ ledger, pages }: Pick<Parts, 'ledger' | 'pages'>): SendKept {
  return async (name, render) => {
    await ledger.catchUpOnce()
    const page =
      pages.find<object>(name) ??
      (await pages.build(name, async (tx) => ({ text: printJson(await render(tx)), extra: {} })))
    return sendJsonPage(page)
  }
}

export const sendJsonPage = ({ body }: Page<unknown>): Answer => ({
  status: 200,
  headers: { 'Content-Type': jsonType },
  body,
})

/** What an answer's name says of who asks, where not everybody sees the same. */
export const nameOfAsker = ({ user = '', groups }: Identity): string =>
  [user, ...groups].map(encodeURIComponent).join(' ')
