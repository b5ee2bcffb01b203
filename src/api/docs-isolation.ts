/**
 * What keeps documentation apart from its readers' logins. Whoever may upload writes these pages, and a browser runs
 * their scripts: as those of a stranger on this server's own host, or freely on a host that has no logins.
 */
import { refuse } from '#base/refusal'
import type { Headers } from '#http/reply'
import type { Call } from '#http/route'

/** What documentation may do in a frame of ours, and on our own host: never lead the window around it elsewhere. */
const allowed =
  'allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads'

/** What a page loads of its own is a stranger's too, and must be allowed. */
export const SANDBOXED: Headers = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': `sandbox ${allowed}; form-action 'self'; base-uri 'self'`,
  'Access-Control-Allow-Origin': '*',
}

/** On a host of its own. Forms lead to no other host, and only our frame and other documentation show it inside them. */
export const apartFrom = (mainUrl: string): Headers => ({
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': `form-action 'self'; base-uri 'self'; frame-ancestors 'self' ${new URL(mainUrl).origin}`,
  'Cross-Origin-Opener-Policy': 'same-origin',
})

/** A worker that answers for the server would outlive the documentation that brought it, and take off its headers. */
export function assertNoServiceWorker({ headers }: Call): void {
  if (headers['service-worker'] !== undefined) throw refuse('docs-worker-refused')
}
