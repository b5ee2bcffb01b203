/** A description as it is: escaped, in one block that wraps. */
import { escapeHtml } from '#python/html-escape'
import type { RenderedReadme } from './rendered.ts'

/** Nobody reads more of it on a page, and every reader would have to load it. */
const LONGEST = 200_000

export function showPlain(text: string, note?: string): RenderedReadme {
  if (text.trim() === '') return { html: '', kind: 'plain' }
  const isCut = text.length > LONGEST
  const shown = isCut ? text.slice(0, LONGEST).toWellFormed() : text
  const cut = `These are the first ${LONGEST.toLocaleString('en')} of its characters.`
  const notes = [note, isCut ? cut : undefined].filter((part) => part !== undefined)
  const html = `<pre class="plain">${escapeHtml(shown.trimEnd())}</pre>`
  return { html, kind: 'plain', ...(notes.length > 0 && { note: notes.join(' ') }) }
}
