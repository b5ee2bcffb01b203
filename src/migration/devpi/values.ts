/** Python's values as devpi's changelog holds them, and what we expect to find in them. */

/** Tuples and lists are arrays, sets are sets, dicts are maps; bytes were text once, in Python 2. */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PythonValue[]
  | Set<PythonValue>
  | PythonDict

export type PythonDict = Map<PythonValue, PythonValue>

/** What came is not what devpi writes. */
export class NotDevpi extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NotDevpi'
  }
}

export const asText = (value: PythonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

export const asDict = (value: PythonValue | undefined): PythonDict | undefined =>
  value instanceof Map ? value : undefined

/** The members of a list, a tuple or a set; none of anything else. */
export function asList(value: PythonValue | undefined): readonly PythonValue[] {
  if (Array.isArray(value)) return value
  return value instanceof Set ? [...value] : []
}

export const asTexts = (value: PythonValue | undefined): string[] =>
  asList(value).filter((one) => typeof one === 'string')

/** As JSON can hold it: sets are sorted lists, keys of dicts are text, whole numbers beyond 2^53 lose digits. */
export function toJson(value: PythonValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Set) {
    return [...value].map(toJson).sort((a, b) => (String(a) < String(b) ? -1 : 1))
  }
  if (!(value instanceof Map)) return value
  // From entries: a key may be called `__proto__`.
  return Object.fromEntries(
    [...value].map(([key, member]) => [textOf(key).toWellFormed(), toJson(member)]),
  )
}

const textOf = (key: PythonValue): string =>
  typeof key === 'string' ? key : JSON.stringify(toJson(key))
