/** How a page is sent: what a browser may load for it, its validators, the best coding. */
import { codingFor } from '#http/coding'
import { conditional } from '#http/reply'
import type { Answer, Call } from '#http/route'
import { Page } from '#simple/page'

interface Sending {
  readonly images?: 'own' | 'any'
  /** The origin of what it shows in a frame; else the server's own. */
  readonly frames?: string | undefined
}

/** Nothing from other hosts, no scripts or styles within the page; pictures where the reader wants to see them. */
const policy = (images: string, frames = "'self'"): string =>
  "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; connect-src 'self'; " +
  `img-src 'self' data:${images}; form-action 'self'; frame-src ${frames}; frame-ancestors 'self'; base-uri 'none'`

const imagesOf = { own: '', any: ' https: http:' }

export const pageHeaders = ({ images = 'own', frames }: Sending): Record<string, string> => ({
  'Content-Type': 'text/html; charset=UTF-8',
  'Cache-Control': 'no-cache',
  Vary: 'Accept, Accept-Encoding, Cookie, User-Agent',
  'Content-Security-Policy': policy(imagesOf[images], frames),
  // A window that a page of somebody else has opened, documentation among them, is out of its reach.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
})

/** A kept page, in the best coding that the client takes, or 304 where it has it. */
export function sendPage(
  call: Call,
  page: Page<unknown>,
  sending: Sending,
): Answer | Promise<Answer> {
  return sendKept(call, page, pageHeaders(sending))
}

/** The same for what is no page. */
export function sendKept(
  call: Call,
  page: Page<unknown>,
  own: Readonly<Record<string, string>>,
): Answer | Promise<Answer> {
  const coding = codingFor(call, page.body.length)
  const headers = { ...own, ETag: page.etag(coding) }
  if (conditional(call, page.etag(coding))) return { status: 304, headers }
  if (coding === 'identity') return { status: 200, headers, body: page.body }
  const coded = { ...headers, 'Content-Encoding': coding }
  const form = page.form(coding)
  if (Buffer.isBuffer(form)) return { status: 200, headers: coded, body: form }
  return form.then((body) => ({ status: 200, headers: coded, body }))
}

/** A page that is not kept. What holds a login's token is not compressed: its size would tell of the token. */
export function sendOnce(call: Call, text: string, sending: Sending): Answer | Promise<Answer> {
  if (call.who.user !== undefined) return pageAnswer(call, text, sending)
  return sendPage(call, new Page(text, undefined), sending)
}

/** A page for this reader alone. */
export function pageAnswer(call: Call, text: string, sending: Sending, status = 200): Answer {
  const headers = pageHeaders(sending)
  if (call.who.user !== undefined) headers['Cache-Control'] = 'private, no-cache'
  return { status, headers, body: text }
}
