/** Answers in JSON that are kept, as pages are, until the first change to what they were made from. */
import type { Identity } from '#base/identity'
import { jsonType, printJson, type Envelope } from '#http/reply'
import type { Answer } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import type { Page } from '#simple/page'
import type { Parts } from './parts.ts'

/** Answers by name: it tells everything that one depends on apart from the ledger. */
export interface JsonKeeper {
  /** The answer of that name, if it is here and still true. */
  find(name: string): Promise<Answer | undefined>
  /** The answer of that name, which is made now if need be. */
  send(name: string, render: (tx: ReadTransaction) => Promise<Envelope>): Promise<Answer>
}

export function jsonKeeper({ ledger, pages }: Pick<Parts, 'ledger' | 'pages'>): JsonKeeper {
  return { find, send }

  async function find(name: string): Promise<Answer | undefined> {
    await ledger.catchUpOnce()
    const page = pages.find<object>(name)
    return page && sendJsonPage(page)
  }

  async function send(
    name: string,
    render: (tx: ReadTransaction) => Promise<Envelope>,
  ): Promise<Answer> {
    const kept = await find(name)
    if (kept) return kept
    const made = async (tx: ReadTransaction) => ({ text: printJson(await render(tx)), extra: {} })
    return sendJsonPage(await pages.build(name, made))
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
