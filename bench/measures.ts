/** All measures, each imported only where it runs. */
import type { Figure } from './support/figure.ts'

export interface Measure {
  readonly name: string
  /** Run by `--quick` too. */
  readonly isQuick?: boolean
  /** Run only when it is named. */
  readonly isLong?: boolean
  readonly load: () => Promise<{
    measure(say: (line: string) => void): Promise<Figure[]>
  }>
}

export const measures: readonly Measure[] = [
  { name: 'start', load: () => import('./start.ts') },
  { name: 'page', isQuick: true, load: () => import('./page.ts') },
  { name: 'mixed', load: () => import('./mixed.ts') },
  { name: 'names', load: () => import('./names.ts') },
  { name: 'files', isQuick: true, load: () => import('./files.ts') },
  { name: 'routes', load: () => import('./routes.ts') },
  { name: 'render', load: () => import('./render.ts') },
  { name: 'policies', load: () => import('./policies.ts') },
  { name: 'upload', isQuick: true, load: () => import('./upload.ts') },
  { name: 'growth', load: () => import('./growth.ts') },
  { name: 'entries', load: () => import('./entries.ts') },
  { name: 'workers', load: () => import('./workers.ts') },
  { name: 'large', load: () => import('./large.ts') },
  { name: 'connections', load: () => import('./connections.ts') },
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
  { name: 'soak', isLong: true, load: () => import('./soak.ts') },
]
