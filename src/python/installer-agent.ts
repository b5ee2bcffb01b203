/** Who installs: devpi's idea of it is a token of the user agent (devpi-http 1.5). */
import { LRUCache } from 'lru-cache'

/** Clients send the same few agents over and over; longer ones are not worth the room. */
const LONGEST_KNOWN = 500
const known = new LRUCache<string, { readonly isInstaller: boolean }>({ max: 500 })

export function isInstallerAgent(agent: string): boolean {
  const before = known.get(agent)
  if (before) return before.isInstaller
  const found = agent
    .split(' ')
    .some((part) => /^(?:distribute|setuptools|pip|pex|uv)\//.test(part))
  if (agent.length <= LONGEST_KNOWN) known.set(agent, { isInstaller: found })
  return found
}
