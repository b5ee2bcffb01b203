/** JSON bodies as the API takes them. */
import { refuse } from '#base/refusal'
import type { Call } from '#http/route'

/** The body as a JSON object; refuses anything else. */
export async function bodyObject(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const body = await call.json()
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refuse('body-not-object')
  }
  return body as Record<string, unknown>
}
