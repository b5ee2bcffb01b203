/** Who gets pages: browsers and other readers of HTML, never installers (devpi-web 4). */
import { bestType } from '#http/accept'
import type { Call } from '#http/route'
import { isInstallerAgent } from '#python/installer-agent'

const types = ['text/html', 'application/json', 'application/vnd.pypi.simple.v1+json'] as const

/** Whether the client takes HTML, and likes nothing better that is had at the same address. */
export function prefersPage({ headers }: Pick<Call, 'headers'>): boolean {
  const { accept, 'user-agent': agent = '' } = headers
  if (accept === undefined || isInstallerAgent(agent)) return false
  return bestType(accept, types) === 'text/html'
}
