/** What is no page and is kept as pages are: feeds, badges, plain text. The same for everybody. */
import type { Answer, Call } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import { Addresses } from './addresses.ts'
import type { WebParts } from './parts.ts'
import { sendKept } from './send-page.ts'

export interface DocumentOrder {
  /** The media type. */
  readonly type: string
  /** What tells it from all others. */
  readonly subject: readonly string[]
  /** Values that it was made from besides the ledger. */
  readonly basis?: readonly unknown[]
  make(tx: ReadTransaction, addresses: Addresses): Promise<string>
}

interface Extra {
  readonly basis: readonly unknown[]
}

export type DocumentPrinter = (call: Call, order: DocumentOrder) => Promise<Answer>

export function documentPrinter({ ledger, pages }: WebParts): DocumentPrinter {
  return async (call, order) => {
    const { type, subject, basis = [] } = order
    await ledger.catchUpOnce()
    const headers = {
      'Content-Type': type,
      'Cache-Control': 'no-cache',
      Vary: 'Accept-Encoding',
      // A picture by itself is a document too, and has nothing to run.
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'X-Content-Type-Options': 'nosniff',
    }
    const name = `document ${subject.map(encodeURIComponent).join(' ')} ${call.root}`
    const kept = pages.find<Extra>(name)
    if (kept?.extra.basis.every((value, at) => value === basis[at])) {
      return sendKept(call, kept, headers)
    }
    const page = await pages.build<Extra>(name, async (tx) => ({
      text: await order.make(tx, new Addresses(call)),
      extra: { basis },
    }))
    return sendKept(call, page, headers)
  }
}
