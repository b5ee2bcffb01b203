/** Whether an address is one that routes have, whatever the method: for questions about other requests. */
import type { Route } from './route.ts'

/** Names without a `+`: what has one is an address of another kind. */
const plainNames = new Set([':user', ':index', ':project'])

export function pathMatcher(routes: readonly Pick<Route, 'path'>[]): (path: string) => boolean {
  const patterns = new Set(routes.map(({ path }) => path.split('/').map(patternOf).join('/')))
  const all = new RegExp(`^(?:${[...patterns].join('|')})$`)
  return (path) => all.test(path)
}

function patternOf(segment: string): string {
  if (segment === '*') return '[^]*'
  if (plainNames.has(segment)) return '[^+/]+'
  const [fixed = '', parameter] = segment.split(':', 2)
  return RegExp.escape(fixed) + (parameter === undefined ? '' : '[^/]+')
}
