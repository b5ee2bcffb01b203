/** Which serialisation of a Simple page a client gets (PEP 691, "Version + Format Selection"). */
import { LRUCache } from 'lru-cache'
import { parseAccept, type MediaRange } from '#http/accept'
import { refuse } from '#base/refusal'
import type { Call } from '#http/route'
import { contentTypes, type SimpleFormat } from '#simple/format'

/** Concrete types and the `latest` spellings of each. */
const spellings: ReadonlyMap<string, SimpleFormat> = new Map([
  ['application/vnd.pypi.simple.v1+json', 'json'],
  ['application/vnd.pypi.simple.latest+json', 'json'],
  ['application/vnd.pypi.simple.v1+html', 'html-v1'],
  ['application/vnd.pypi.simple.latest+html', 'html-v1'],
  ['text/html', 'html'],
])

const OFFERED = Object.values(contentTypes)
  .map((type) => type.split(';')[0])
  .join(', ')

/** Clients send the same few headers over and over; longer ones are not worth the room. */
const LONGEST_KNOWN = 500
const formats = new LRUCache<string, { format: SimpleFormat | undefined }>({ max: 500 })

/** The format for a request: `?format=` if it is known, else by `Accept`. Refuses what takes none of ours. */
export function formatFor(call: Call): SimpleFormat {
  // A query without `format` is not looked at any further.
  const parameter = call.raw.url?.includes('format=') ? call.query.get('format') : null
  const format = chooseFormat(call.headers.accept, parameter)
  if (format === undefined) throw refuse('not-acceptable', { offered: OFFERED })
  return format
}

/** `undefined`: nothing that is offered is acceptable. */
export function chooseFormat(
  accept: string | undefined,
  parameter?: string | null,
): SimpleFormat | undefined {
  // A `+` that was not encoded has become a space.
  const asked = parameter && spellings.get(parameter.replace(' ', '+').toLowerCase())
  if (asked) return asked
  if (!accept) return 'html'

  const known = formats.get(accept)
  if (known) return known.format
  const ranges = parseAccept(accept)
  const format = ranges === 'invalid' || ranges.length === 0 ? 'html' : rank(ranges)
  if (accept.length <= LONGEST_KNOWN) formats.set(accept, { format })
  return format
}

function rank(ranges: readonly MediaRange[]): SimpleFormat | undefined {
  const plain = ranges.filter(({ params }) => Object.keys(params).length === 0)
  const offers = (['json', 'html-v1', 'html'] as const).map((format) => rate(format, plain))
  const best = Math.max(...offers.map(({ q }) => q))
  if (best <= 0) return undefined
  const tied = offers.filter(({ q }) => q === best)
  // A type that is named beats one that a wildcard lets in. Old tools send `*/*` and read HTML.
  return (tied.find(({ isNamed }) => isNamed) ?? tied.at(-1))?.format
}

function rate(format: SimpleFormat, ranges: readonly MediaRange[]) {
  const named = ranges.filter(({ type }) => spellings.get(type) === format)
  const family = ranges.filter(
    ({ type }) => type === (format === 'html' ? 'text/*' : 'application/*'),
  )
  const any = ranges.filter(({ type }) => type === '*/*')
  const deciding = [named, family, any].find((found) => found.length > 0) ?? []
  return { format, q: Math.max(0, ...deciding.map(({ q }) => q)), isNamed: named.length > 0 }
}
