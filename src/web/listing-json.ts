/** What is in a file, for programs. */
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { jsonType } from '#http/reply'
import type { Answer, Call } from '#http/route'
import type { ArchiveListing, ArchiveMember } from '#python/archive-listing'

/** Members that are printed before others have their turn. */
const AT_ONCE = 500

/** As devpi's answers are: `result` and `type`. Printed while it is sent: there may be very many members. */
export function listingJson(
  { method }: Pick<Call, 'method'>,
  found: ArchiveListing | 'absent' | 'closed',
): Answer {
  const headers = { 'Content-Type': jsonType }
  if (method === 'HEAD') return { status: 200, headers }
  return { status: 200, headers, body: Readable.from(printListing(found)) }
}

async function* printListing(found: ArchiveListing | 'absent' | 'closed'): AsyncGenerator<string> {
  const isListed = typeof found !== 'string'
  const members = isListed ? found.members : []
  const head = JSON.stringify({
    state: isListed ? 'listed' : found,
    ...(isListed && found.incomplete !== undefined && { incomplete: found.incomplete }),
  })
  yield `{"result": ${head.slice(0, -1)}, "members": [\n`
  for (let at = 0; at < members.length; at += AT_ONCE) {
    const lines = members
      .slice(at, at + AT_ONCE)
      .map(printMember)
      .join(',\n')
    yield at === 0 ? lines : `,\n${lines}`
    await setImmediate()
  }
  yield '\n]}, "type": "filecontents"}\n'
}

const printMember = ({ place: _place, ...facts }: ArchiveMember): string => JSON.stringify(facts)
