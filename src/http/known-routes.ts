/** Where addresses led that were asked for before: a page that is asked for again and again is routed once. */
import type { Route } from './route.ts'

export interface KnownRoute {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

/** Longer addresses are not worth the room. */
const LONGEST = 300
const MOST = 2000

/** By address as it was sent, of GET. What an address leads to never changes, so all may be forgotten at any time. */
export class KnownRoutes {
  readonly #known = new Map<string, KnownRoute>()

  find(url: string): KnownRoute | undefined {
    return this.#known.get(url)
  }

  remember(url: string, known: KnownRoute): void {
    if (url.length > LONGEST) return
    if (this.#known.size >= MOST) this.#known.clear()
    this.#known.set(url, known)
  }
}
