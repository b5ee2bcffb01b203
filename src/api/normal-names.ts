/** Sends whoever reads, by GET, to the address with the project's name in its normal form (devpi-http 1.7). */
import { redirect } from '#http/reply'
import type { Handle } from '#http/route'
import { normalizeLoosely } from '#python/name'
import { absoluteUrl } from './release-json.ts'
import { queryOf } from './page-reply.ts'

/** For addresses that begin with a user, an index and a project. */
export function normally(handle: Handle): Handle {
  return (call) => {
    const { project = '' } = call.params
    const normal = normalizeLoosely(project)
    if (normal === project || call.method === 'HEAD') return handle(call)
    const [user, index, , ...below] = call.path.slice(1).split('/')
    const path = [user, index, normal, ...below].join('/')
    return redirect(302, absoluteUrl(path, call.prefix) + queryOf(call))
  }
}
