/** JSON bodies as the API takes them. */
import { refuse } from '#base/refusal'
import type { Call } from '#http/route'

export type JsonObject = Readonly<Record<string, unknown>>

/** The body as a JSON object; refuses anything else. */
export async function bodyObject(call: Call): Promise<JsonObject> {
  const body = await call.json()
  if (!isObject(body)) throw refuse('body-not-object')
  return body
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
