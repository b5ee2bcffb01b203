/** Values to text and back: canonical JSON (sorted keys, no spaces), so that equal values are equal bytes. */

/** Canonical JSON of a value. Members that are undefined are left out. */
export function encodeValue(value: unknown): string {
  return write(value)
}

export function decodeValue<V>(text: string): V {
  return JSON.parse(text) as V
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((member) => write(member ?? null)).join(',')}]`
  if (value === null || typeof value !== 'object') return writeScalar(value)

  const members: string[] = []
  for (const name of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[name]
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${write(member)}`)
  }
  return `{${members.join(',')}}`
}

function writeScalar(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError(`a ${typeof value} can't be stored in the ledger`)
  return text
}
