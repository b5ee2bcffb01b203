/**
 * Has the web server in front send a file from the disk, where it says in each request that it would: the header
 * `X-Sendfile-Type` names the header that it reads, and only the one that is set up here counts. Requests that come past
 * it, or that it sends once more since it found no file, are answered with the bytes.
 */
import type { Answer, Call } from './route.ts'

/** nginx's; that of Apache and lighttpd. */
export type SendFileHeader = 'x-accel-redirect' | 'x-sendfile'

/** Where nginx finds blobs: for its own redirects alone, never for a client (`admin gen-config` writes it so). */
const ACCEL_PREFIX = '/+blobs/'

/** What is asked for in parts is handed over where both servers are sure to read it alike. */
const PLAIN_RANGE = /^bytes=(?:\d+-\d*|-\d+)$/

/** Whether the proxy that sent a request sends files that it finds named in this header. */
export function isHandedOver({ headers }: Call, header: SendFileHeader | undefined): boolean {
  if (header === undefined) return false
  const { 'x-sendfile-type': named, range } = headers
  if (typeof named !== 'string' || named.toLowerCase() !== header) return false
  return range === undefined || PLAIN_RANGE.test(range)
}

/** nginx would keep the usual header for the answer that comes in the place of a file that it does not find. */
export function withCachingForNginx(answer: Answer): Answer {
  const { headers } = answer
  if (headers?.['X-Accel-Redirect'] === undefined) return answer
  const { 'Cache-Control': caching, ...others } = headers
  return { ...answer, headers: { ...others, 'X-Accel-Cache-Control': caching } }
}

/** `path`: of the file on this disk; its last two parts are what nginx is told. */
export function fileHeader(header: SendFileHeader, path: string): Readonly<Record<string, string>> {
  if (header === 'x-sendfile') return { 'X-Sendfile': path }
  return { 'X-Accel-Redirect': `${ACCEL_PREFIX}${path.split(/[/\\]/).slice(-2).join('/')}` }
}
