/** Styles, scripts and pictures: ours, and the theme's. */
import { get, type Route } from '#http/route'
import type { Theme } from '../theme/theme.ts'

/** The part behind the dash is the content's digest; whatever it is, what is there now is sent. */
export function staticRoutes(theme: () => Theme): Route[] {
  const routes = [
    get('/+static-:digest/*', (call) => theme().staticFiles.send(call, call.params['*'] ?? '')),
    get('/+theme-static-:digest/*', (call) =>
      theme().themeStatic.send(call, call.params['*'] ?? ''),
    ),
  ]
  return theme().reloads ? [...routes, reloadRoute(theme)] : routes
}

/** For the script that loads a page anew when its theme has changed. */
const reloadRoute = (theme: () => Theme): Route =>
  get('/+theme-digest', () => ({
    status: 200,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
    body: theme().digest,
  }))
