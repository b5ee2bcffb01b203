/** JSON as devpi prints it: two spaces, ASCII only, a newline at the end. */

/** Exactly this, without a charset: clients compare the header as a text. */
export const jsonType = 'application/json'

export function printJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? 'null'
  return `${text.replace(/[\u007f-\uffff]/g, escapeUnit)}\n`
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
