/** Whether an installer asks, which expects Simple pages at addresses without `+simple` too. */
import type { Call } from '#http/route'
import { isInstallerAgent } from '#python/installer-agent'

export const isInstaller = ({ headers }: Call): boolean =>
  isInstallerAgent(headers['user-agent'] ?? '')
