/** devpi's replication, as a server has it that does not replicate. */
import { refuse } from '#base/refusal'
import { anyMethod, type Route } from '#http/route'
import { notThere } from './views.ts'

export function changelogRoutes(): Route[] {
  return [
    anyMethod('/+changelog/:serial', (call) => {
      const { serial = '' } = call.params
      throw /^\d+-?$/.test(serial) ? refuse('replication-disabled') : notThere(call)
    }),
  ]
}
