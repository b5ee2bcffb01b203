/** Text and attributes, so that nothing in them is markup. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? '')
}

/** An attribute with a space in front; nothing where there is no value. */
export function attribute(name: string, value: string | undefined): string {
  if (value === undefined || value === '') return ''
  return ` ${name}="${escapeHtml(value.replaceAll(/[\n\r\t]/g, ' '))}"`
}
