/** Styles, scripts and pictures: ours, and the theme's. */
import { get, type Route } from '#http/route'
import type { Theme } from '../theme.ts'

/** The part behind the dash is the content's digest; whatever it is, what is there now is sent. */
export const staticRoutes = (theme: Theme): Route[] => [
  get('/+static-:digest/*', (call) => theme.staticFiles.send(call, call.params['*'] ?? '')),
  get('/+theme-static-:digest/*', (call) => theme.themeStatic.send(call, call.params['*'] ?? '')),
]
