/** When a file came to be upstream, by the answer that brings it. */
import type { UpstreamAnswer } from './upstream.ts'

/** Nothing was uploaded before: such times are made up by tools that build archives alike. */
const EARLIEST = Date.UTC(1995, 0, 1)

/** RFC 3339. Undefined where the answer does not say, or says what cannot be: a time to come, or that of the answer. */
export function lastModifiedOf(answer: UpstreamAnswer): string | undefined {
  const at = Date.parse(answer.header('last-modified') ?? '')
  const sent = Date.parse(answer.header('date') ?? '')
  if (Number.isNaN(at) || at < EARLIEST || at >= sent) return undefined
  return new Date(at).toISOString()
}
