/** On a server that follows a devpi-server nothing is changed: what is written there comes by itself. */
import { refuse } from '#base/refusal'
import type { Route } from '#http/route'
import { writingMethods } from './relay.ts'

/** The same routes; those that write refuse to. */
export function refuseWrites(routes: readonly Route[], url: string): Route[] {
  return routes.map((route) => {
    const { isLocal, early: _early, ...others } = route
    if (isLocal === true || !route.methods.some((method) => writingMethods.has(method)))
      return route
    return {
      ...others,
      handle(call) {
        const isWrite = writingMethods.has(call.method) && isLocal?.(call) !== true
        if (isWrite) throw refuse('follows-devpi', { url })
        return route.handle(call)
      },
    }
  })
}
