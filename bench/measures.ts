/** All measures, each imported only where it runs. */
import type { Figure } from './support/figure.ts'

export interface Measure {
  readonly name: string
  readonly load: () => Promise<{
    measure(say: (line: string) => void): Promise<Figure[]>
  }>
}

export const measures: readonly Measure[] = [
  { name: 'start', load: () => import('./start.ts') },
  { name: 'page', load: () => import('./page.ts') },
  { name: 'routes', load: () => import('./routes.ts') },
  { name: 'render', load: () => import('./render.ts') },
  { name: 'policies', load: () => import('./policies.ts') },
  { name: 'upload', load: () => import('./upload.ts') },
  { name: 'growth', load: () => import('./growth.ts') },
  { name: 'search', load: () => import('./search.ts') },
  { name: 'follow', load: () => import('./follow.ts') },
  { name: 'removal', load: () => import('./removal.ts') },
  { name: 'durable', load: () => import('./durable.ts') },
  { name: 'miss', load: () => import('./miss.ts') },
  { name: 'stalled', load: () => import('./stalled.ts') },
  { name: 'install', load: () => import('./install.ts') },
  { name: 'install-pypiserver', load: () => import('./install-pypiserver.ts') },
  { name: 'web', load: () => import('./web.ts') },
  { name: 'replica', load: () => import('./replica.ts') },
  { name: 'replica-sync', load: () => import('./replica-sync.ts') },
  { name: 'replica-ledger', load: () => import('./replica-ledger.ts') },
  { name: 'resolve', load: () => import('./resolve.ts') },
]
