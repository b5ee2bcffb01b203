/** Feeds of uploads in Atom (RFC 4287). */
import { escapeHtml } from '#python/html-escape'

export interface Feed {
  readonly title: string
  /** What it stays when the server's address changes. */
  readonly id: string
  /** Whole addresses: of the page that it goes with, and its own. */
  readonly page: string
  readonly self: string
  /** Newest first. */
  readonly entries: readonly FeedEntry[]
}

export interface FeedEntry {
  readonly title: string
  readonly id: string
  readonly page: string
  readonly author: string | undefined
  readonly summary: string
  /** Milliseconds. */
  readonly at: number
}

const iso = (at: number): string => new Date(at).toISOString()

/** A feed without entries is as old as time. */
export function printFeed({ title, id, page, self, entries }: Feed): string {
  const updated = iso(entries[0]?.at ?? 0)
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<title>${escapeXml(title)}</title>`,
    `<id>${escapeXml(id)}</id>`,
    `<link rel="alternate" type="text/html" href="${escapeXml(page)}"/>`,
    `<link rel="self" type="application/atom+xml" href="${escapeXml(self)}"/>`,
    `<updated>${updated}</updated>`,
    ...entries.map(printEntry),
    '</feed>',
    '',
  ].join('\n')
}

function printEntry({ title, id, page, author, summary, at }: FeedEntry): string {
  return [
    '<entry>',
    `<title>${escapeXml(title)}</title>`,
    `<id>${escapeXml(id)}</id>`,
    `<link rel="alternate" type="text/html" href="${escapeXml(page)}"/>`,
    `<updated>${iso(at)}</updated>`,
    `<author><name>${escapeXml(author ?? 'unknown')}</name></author>`,
    ...(summary === '' ? [] : [`<summary>${escapeXml(summary)}</summary>`]),
    '</entry>',
  ].join('\n')
}

/** XML has no place for most control characters, not even escaped. */
const escapeXml = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  escapeHtml(text.toWellFormed().replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd'))
