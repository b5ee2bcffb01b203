/** What policies would have done that are only rehearsed (`policy_mode=observe`), and to whom. */
import { json } from '#http/reply'
import { get, type Answer, type Call, type Route } from '#http/route'
import { normalizeLoosely } from '#python/name'
import { assertMayChangeIndex } from '#registry/access'
import { getIndex } from '#registry/indexes'
import type { Parts } from './parts.ts'
import type { PolicedFile } from './policed-files.ts'
import { indexOf } from './projects.ts'
import type { CountedHit } from './rehearsal-log.ts'
import { slashed } from './views.ts'

export function rehearsalRoutes({ ledger, rehearsal }: Parts): Route[] {
  return slashed('/:user/:index/+rehearsal', get, showRehearsal)

  async function showRehearsal(call: Call): Promise<Answer> {
    const index = indexOf(call)
    await ledger.read((tx) => getIndex(tx, index))
    assertMayChangeIndex(index, call.who, 'see who asks')
    const project = call.query.get('project')
    const hits = rehearsal.list(index, project === null ? undefined : normalizeLoosely(project))
    return json(200, { result: { index, hits: hits.map(show) }, type: 'rehearsal' })
  }
}

/** Counts a request for a file that the policy would have refused. */
export function recordRehearsed(
  { rehearsal, clock }: Parts,
  call: Call,
  { file, observed }: PolicedFile,
): void {
  if (!observed || call.method !== 'GET') return
  const { index, policy, reason } = observed
  const { project, filename } = file
  const who = call.who.user ?? call.raw.socket?.remoteAddress ?? 'unknown'
  const agent = programOf(call.headers['user-agent'])
  const through = indexOf(call)
  rehearsal.record({ index, policy, reason, through, project, filename, who, agent }, clock.now())
}

/** The first word of a user agent, without its version. */
function programOf(agent: string | undefined): string {
  return /^[A-Za-z0-9._-]{1,40}/.exec(agent ?? '')?.[0] ?? 'unknown'
}

const show = ({ index: _own, first, last, ...hit }: CountedHit) => ({
  ...hit,
  first: new Date(first).toISOString(),
  last: new Date(last).toISOString(),
})
