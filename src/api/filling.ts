/** A server that begins empty and follows another: what is missing there may be about to come. */
import { Refusal, refuse, type RefusalCode } from '#base/refusal'
import type { Answer, Call, Route } from '#http/route'
import type { Ledger } from '#ledger/ledger'
import type { ReplicaFacts } from './replication.ts'

/** What an installer takes for "look elsewhere". */
const MISSING: ReadonlySet<RefusalCode> = new Set([
  'user-missing',
  'index-missing',
  'project-missing',
  'project-unknown',
  'project-not-found',
  'project-not-on-index',
  'release-missing',
  'release-not-on-index',
  'file-missing',
  'docs-missing',
])

/**
 * Until it has once had all that its primary has, what is missing is refused as what is still to come: told that there is none,
 * installers would go on without it, and people would think it lost.
 */
export function whileFilling(
  routes: readonly Route[],
  ledger: Ledger,
  { following }: Pick<ReplicaFacts, 'following'>,
): Route[] {
  let isFilled = ledger.serial >= 0
  return routes.map((route) => ({
    ...route,
    handle: (call) => (isFilled ? route.handle(call) : handle(call, route)),
  }))

  async function handle(call: Call, route: Route): Promise<Answer> {
    try {
      return await route.handle(call)
    } catch (error) {
      if (!(error instanceof Refusal) || !MISSING.has(error.code)) throw error
      const { serial: here } = ledger
      const { primarySerial: there } = following()
      isFilled ||= there >= 0 && here >= there
      throw isFilled ? error : refuse('still-filling', { here, there })
    }
  }
}
