/** The content coding that an answer is sent in. */
import { LRUCache } from 'lru-cache'
import { acceptsEncoding, type Encoding } from './accept.ts'
import type { Call } from './route.ts'

/** Clients send the same few headers over and over; longer ones are not worth the room. */
const LONGEST_KNOWN = 500
const codings = new LRUCache<string, Encoding>({ max: 500 })

/** Smaller bodies fit into one packet anyway. */
const COMPRESS_FROM_BYTES = 800

/** The coding that a body of that size is sent in. */
export function codingFor({ headers }: Pick<Call, 'headers'>, size: number): Encoding {
  const accepted = headers['accept-encoding']
  if (typeof accepted !== 'string' || size < COMPRESS_FROM_BYTES) return 'identity'
  const known = codings.get(accepted)
  if (known) return known
  const coding = acceptsEncoding(accepted)[0] ?? 'identity'
  if (accepted.length <= LONGEST_KNOWN) codings.set(accepted, coding)
  return coding
}
