/** Attributes, so that nothing in them is markup. */
import { escapeHtml } from '#python/html-escape'

/** An attribute with a space in front; nothing where there is no value. */
export function attribute(name: string, value: string | undefined): string {
  return value === undefined || value === '' ? '' : anyAttribute(name, value)
}

/** An attribute that is there though its value is empty. */
export function anyAttribute(name: string, value: string): string {
  return ` ${name}="${escapeHtml(value.replaceAll(/[\n\r\t]/g, ' '))}"`
}
