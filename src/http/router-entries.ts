/** Our routes as the router knows them: to it PUSH is a POST, so both share an entry where they have the same path. */
import { notFoundRoute } from './fallback-routes.ts'
import type { Route } from './route.ts'

export interface RouterEntry {
  readonly methods: readonly string[]
  readonly path: string
  readonly route: Route
  /** What answers if it is a PUSH. */
  readonly pushRoute: Route
}

export function routerEntries(routes: readonly Route[]): RouterEntry[] {
  const pushes = new Map(listFor(routes, 'PUSH').map((route) => [route.path, route]))
  const posted = new Set(listFor(routes, 'POST').map((route) => route.path))
  const entries = routes.map((route) => ({
    methods: route.methods.filter((method) => method !== 'PUSH'),
    path: route.path,
    route,
    pushRoute: pushes.get(route.path) ?? notFoundRoute,
  }))
  const pushedOnly = [...pushes].filter(([path]) => !posted.has(path))
  return [
    ...entries.filter(({ methods }) => methods.length > 0),
    ...pushedOnly.map(([path, pushRoute]) => ({
      methods: ['POST'],
      path,
      route: notFoundRoute,
      pushRoute,
    })),
  ]
}

function listFor(routes: readonly Route[], method: string): Route[] {
  return routes.filter(({ methods }) => methods.includes(method))
}
