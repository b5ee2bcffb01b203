/** Forms as browsers send them from our pages, when they hold no files. */
import { refuse } from '#base/refusal'
import { bestType, parseAccept } from './accept.ts'
import type { Call } from './route.ts'

const LARGEST = 1024 * 1024
const MOST_FIELDS = 5000
const TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i

/** Whether a browser sends a form: curl says the same of any body, but never that it wants a page. */
export function isWebForm({ headers }: Pick<Call, 'headers'>): boolean {
  const { accept, 'content-type': type } = headers
  if (type === undefined || !TYPE.test(type) || !accept?.includes('text/html')) return false
  return parseAccept(accept) !== 'invalid' && bestType(accept, ['text/html']) !== undefined
}

/**
 * The fields of a form. Refuses what is no form. They count for nothing until `confirmForm` has been told what is in
 * the field `csrf`.
 */
export async function readFormFields(call: Call, limit = LARGEST): Promise<URLSearchParams> {
  const { 'content-type': type } = call.headers
  if (type === undefined || !TYPE.test(type)) {
    throw refuse('bad-request', { reason: 'Bad request: a form is expected' })
  }
  const text = (await call.bytes(limit)).toString()
  // Counted before they are read: Node's parser goes through the rest of the text for a field without `=`.
  if (text.split('&', MOST_FIELDS + 1).length > MOST_FIELDS) {
    throw refuse('bad-request', { reason: `The form has more than ${MOST_FIELDS} fields.` })
  }
  return new URLSearchParams(text)
}
