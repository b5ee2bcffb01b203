/** Conditional requests: does the client have it already? (RFC 9110 §13) */
import type { Call } from './route.ts'

type Conditions = Pick<Call, 'headers'>

/** Whether `If-None-Match` holds this ETag (weak comparison, lists, `*`): then answer 304. */
export function conditional(call: Conditions, etag: string): boolean {
  const header = call.headers['if-none-match']
  if (header === undefined) return false
  if (header === etag || header.trim() === '*') return true
  const wanted = opaque(etag)
  return header.includes(wanted) && listEtags(header).some((one) => opaque(one) === wanted)
}

/** As `conditional`; without `If-None-Match` the time is compared, to the second. */
export function isUnchanged(
  call: Conditions,
  etag: string,
  lastModified: number | undefined,
): boolean {
  if (call.headers['if-none-match'] !== undefined) return conditional(call, etag)
  const since = parseDate(call.headers['if-modified-since'])
  if (since === undefined || lastModified === undefined) return false
  return wholeSeconds(lastModified) <= since
}

/** Whether `If-Range` allows a part: absent, this very strong ETag, or exactly this date. */
export function allowsRange(
  call: Conditions,
  etag: string,
  lastModified: number | undefined,
): boolean {
  const header = call.headers['if-range']
  if (header === undefined) return true
  const value = String(header).trim()
  if (value.startsWith('"')) return value === etag
  if (value.startsWith('W/') || lastModified === undefined) return false
  return parseDate(value) === wholeSeconds(lastModified)
}

function listEtags(header: string): readonly string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? []
}

function opaque(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}

function parseDate(value: string | undefined): number | undefined {
  if (value === undefined || !/\d\d:\d\d:\d\d/.test(value)) return undefined
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : at
}

function wholeSeconds(at: number): number {
  return Math.floor(at / 1000) * 1000
}
