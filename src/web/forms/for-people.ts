/** Pages that stand at addresses of their own are there for nobody but people. */
import { refuse } from '#base/refusal'
import type { Handle } from '#http/route'
import { prefersPage } from '../prefers-page.ts'

export function forPeople(handle: Handle): Handle {
  return (call) => {
    if (!prefersPage(call)) throw refuse('not-found', { what: call.path })
    return handle(call)
  }
}
