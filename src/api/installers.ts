/** What installers find at addresses without `+simple` (devpi-http 4.10): `pip --index-url http://HOST/USER/INDEX/`. */
import { bestType } from '#http/accept'
import { jsonType, redirect } from '#http/reply'
import type { Answer, Call } from '#http/route'
import { contentTypes } from '#simple/format'
import { projectLister } from './names.ts'
import type { Parts } from './parts.ts'
import { isInstaller, queryOf } from './simple.ts'
import { chooseFormat } from './simple-format.ts'
import { notThere, takesAnything } from './views.ts'

/** At a project's address. Links on a page count from its address, so installers are sent to the real one. */
export function projectForInstallers(call: Call): Answer | undefined {
  if (!isInstaller(call)) return undefined
  const { project = '' } = call.params
  return redirect(302, `${simpleUrl(call)}${encodeURIComponent(project)}/${queryOf(call)}`)
}

/** At an index's address: its projects, where `Accept` or the kind of client says that these are meant. */
export function projectsAtIndex(parts: Parts) {
  const showNames = projectLister(parts)

  return (call: Call): Answer | Promise<Answer> | undefined => {
    const { accept } = call.headers
    if (isInstaller(call)) {
      const format = chooseFormat(accept)
      if (!format) throw notThere(call)
      return format === 'json' ? showNames(call) : redirect(302, simpleUrl(call) + queryOf(call))
    }
    if (takesAnything(accept)) return undefined
    const best = bestType(accept, [jsonType, contentTypes.json])
    if (best === undefined) throw notThere(call)
    return best === jsonType ? undefined : showNames(call)
  }
}

function simpleUrl({ prefix, params: { user = '', index = '' } }: Call): string {
  return `${prefix}/${encodeURIComponent(user)}/${encodeURIComponent(index)}/+simple/`
}
