/** Redirects lead to whole addresses, below the server's outside URL, as devpi's do; handlers may say less. */
import type { RequestCall } from './request-call.ts'
import type { Answer } from './route.ts'

/** The same answer with its `Location` in full. One that leads to another server already has that. */
export function withAbsoluteLocation(
  answer: Answer,
  { root, prefix, raw }: Pick<RequestCall, 'root' | 'prefix' | 'raw'>,
): Answer {
  const location = String(answer.headers?.Location ?? '')
  if (location === '' || /^[a-z][a-z\d+.-]*:/i.test(location)) return answer
  const whole = location.startsWith('/')
    ? root.slice(0, root.length - prefix.length) + location
    : URL.parse(location, root + (raw.url ?? '/'))?.href
  return { ...answer, headers: { ...answer.headers, Location: whole ?? location } }
}
