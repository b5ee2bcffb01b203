/** What is sent to an index's address, by kind: the first that knows it for its own answers. */
import { post, type Call, type Handle, type Route, type RouteOptions } from '#http/route'
import type { Parts } from './parts.ts'
import { uploads } from './upload.ts'
import { searches } from './xmlrpc.ts'

export interface Submission extends RouteOptions {
  readonly isMeant: (call: Call) => boolean
  readonly handle: Handle
}

export function submitRoutes(parts: Parts): Route[] {
  const rest = uploads(parts)
  const kinds: readonly Submission[] = [searches(parts), rest]
  const kindOf = (call: Call) => kinds.find(({ isMeant }) => isMeant(call)) ?? rest
  return ['/:user/:index', '/:user/:index/'].map((path) =>
    post(path, (call) => kindOf(call).handle(call), {
      early: (call) => kindOf(call).early?.(call),
    }),
  )
}
