/** Values to text and back: canonical JSON (sorted keys, no spaces), so that equal values are equal bytes. */
import { inspect } from 'node:util'

/**
 * Canonical JSON of a value. Members that are undefined are left out. What JSON would silently turn into
 * something else (a date, a map, NaN) is a TypeError.
 */
export function encodeValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return encodeScalar(value)
  if (Array.isArray(value)) return `[${Array.from(value, encodeMember).join(',')}]`
  return encodeObject(value)
}

export function decodeValue<V>(text: string): V {
  return JSON.parse(text) as V
}

const encodeMember = (value: unknown): string => encodeValue(value ?? null)

function encodeObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw notStorable(value)

  const members: string[] = []
  for (const name of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[name]
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${encodeValue(member)}`)
  }
  return `{${members.join(',')}}`
}

function encodeScalar(value: unknown): string {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) {
    throw notStorable(value)
  }
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw notStorable(value)
  return text
}

function notStorable(value: unknown): TypeError {
  return new TypeError(`the ledger stores JSON values, not: ${inspect(value, { depth: 0 })}`)
}
