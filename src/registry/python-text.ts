/** Values as Python prints them, which is how devpi's messages show what a client sent. Cut where they are long. */

const LONGEST = 200

/** As Python's `str` has it. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? cut(value) : pythonRepr(value)
}

/** As Python's `repr` has it. */
export function pythonRepr(value: unknown): string {
  return cut(print(value))
}

function print(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return printText(value.slice(0, LONGEST))
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return `[${value.slice(0, LONGEST).map(print).join(', ')}]`
  if (typeof value !== 'object') return typeof value // JSON has no other
  const members = Object.entries(value).slice(0, LONGEST)
  return `{${members.map(([name, member]) => `${print(name)}: ${print(member)}`).join(', ')}}`
}

function printText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).toWellFormed()}…`
}
