/** Pages for people at the addresses where programs get other answers: what the client prefers decides. */
import { redirect } from './reply.ts'
import type { Call, Handle, Route } from './route.ts'
import { isWebForm } from './web-form.ts'

/** Whether a page is what the client would rather have. */
export type PrefersPage = (call: Call) => boolean

/**
 * The routes with the pages among them. A page stands in for a route of the same path where it is preferred, and sends
 * on whoever asks with a slash at the end; where there is no other route it answers everybody. A page's form is sent
 * to its address, be there another route for `POST` or not.
 */
export function withPages(
  routes: readonly Route[],
  pages: readonly Route[],
  prefersPage: PrefersPage,
): Route[] {
  const pageAt = new Map(pages.filter(isRead).map((page) => [page.path, page]))
  const formAt = new Map(pages.filter(isPosted).map((page) => [page.path, page]))
  const taken = new Set<Route>()
  const merged = routes.map((route): Route => {
    const form = isPosted(route) ? formAt.get(route.path) : undefined
    if (form) {
      taken.add(form)
      const handle: Handle = (call) => (isWebForm(call) ? form.handle(call) : route.handle(call))
      return { ...route, handle }
    }
    const page = isRead(route) ? pageAt.get(route.path) : undefined
    if (page) {
      taken.add(page)
      return { ...route, handle: choose(page.handle, route.handle) }
    }
    const isSlashed = isRead(route) && route.path !== '/' && route.path.endsWith('/')
    return isSlashed && pageAt.has(route.path.slice(0, -1))
      ? { ...route, handle: choose(withoutSlash, route.handle) }
      : route
  })
  return [...merged, ...pages.filter((page) => !taken.has(page))]

  function choose(page: Handle, other: Handle): Handle {
    return (call) => (isReading(call) && prefersPage(call) ? page(call) : other(call))
  }
}

const isRead = ({ methods }: Route): boolean => methods.includes('GET')

const isPosted = ({ methods }: Route): boolean => methods.includes('POST')

const isReading = ({ method }: Call): boolean => method === 'GET' || method === 'HEAD'

function withoutSlash(call: Call): ReturnType<Handle> {
  const [path = '', query] = (call.raw.url ?? '/').split('?', 2)
  const target = `${call.prefix}${path.replace(/\/+$/, '')}`
  return redirect(302, query === undefined ? target : `${target}?${query}`)
}
