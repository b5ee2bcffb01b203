/** Text for HTML. */
import { cleanText } from './page-field.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For text and attribute values alike. */
export function escapeHtml(text: string): string {
  if (!/[&<>"'\0]/.test(text)) return text
  return cleanText(text).replace(/[&<>"']/g, (character) => entities[character]!)
}
