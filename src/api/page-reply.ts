/** How a page is sent: its validators, the best coding, and what its answer depends on. */
import { conditional } from '#http/reply'
import type { Answer, Call } from '#http/route'
import type { Page } from '#simple/page'
import { codingFor } from '#http/coding'

/** Headers of every page. They change with every upload, and an installer must see its own. */
export const pageHeaders = (contentType: string, etag: string): Record<string, string> => ({
  'Content-Type': contentType,
  'Cache-Control': 'no-cache',
  Vary: 'Accept, Accept-Encoding, User-Agent',
  'X-Content-Type-Options': 'nosniff',
  ETag: etag,
})

/** A page in the best coding that the client takes, or 304 where it has it. */
export function sendPage(
  call: Call,
  page: Page<{ readonly upstreamSerial?: number | undefined }>,
  contentType: string,
): Answer | Promise<Answer> {
  const coding = codingFor(call, page.body.length)
  const headers = pageHeaders(contentType, page.etag(coding))
  const { upstreamSerial = 0 } = page.extra
  if (upstreamSerial > 0) headers['X-PyPI-Last-Serial'] = String(upstreamSerial)

  const unchanged = conditional(call, page.etag(coding))
  if (unchanged) return { status: 304, headers }
  if (coding === 'identity') return { status: 200, headers, body: page.body }

  headers['Content-Encoding'] = coding
  const form = page.form(coding)
  if (Buffer.isBuffer(form)) return { status: 200, headers, body: form }
  return form.then((body) => ({ status: 200, headers, body }))
}

/** For redirects that only people get, or only who wants HTML. */
export function varyByAgent(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, Vary: 'Accept, User-Agent' } }
}

/** The query as it was sent, with its `?`. */
export function queryOf(call: Call): string {
  const url = call.raw.url ?? ''
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}
