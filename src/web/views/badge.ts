/** A badge: what it is of, and the latest version. */
import { escapeHtml } from '#python/html-escape'

/** About what a letter takes at 11 pixels in the fonts that are likely there. */
const LETTER = 6.6
const PADDING = 12
const LONGEST = 60

/** SVG, with its colours in it: it stands on the pages of others. */
export function printBadge(label: string, value: string): string {
  const [shownLabel, shownValue] = [shorten(label), shorten(value)]
  const left = Math.round(shownLabel.length * LETTER + PADDING)
  const right = Math.round(shownValue.length * LETTER + PADDING)
  const text = (of: string, center: number): string =>
    `<text x="${center}" y="14" text-anchor="middle" fill="#fff">${escapeHtml(of)}</text>`
  const title = escapeHtml(`${shownLabel}: ${shownValue}`)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${title}">` +
    `<title>${title}</title>` +
    `<rect width="${left + right}" height="20" rx="4" fill="#3d464d"/>` +
    `<path d="M${left} 0h${right - 4}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4h-${right - 4}z" fill="#1a5c8a"/>` +
    `<g font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">` +
    `${text(shownLabel, left / 2)}${text(shownValue, left + right / 2)}</g></svg>\n`
  )
}

const shorten = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…`.toWellFormed() : text
