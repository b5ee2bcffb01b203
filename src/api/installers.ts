/** What installers find at addresses without `+simple` (devpi-http 4.10): `pip --index-url http://HOST/USER/INDEX/`. */
import { bestType } from '#http/accept'
import { jsonType } from '#http/reply'
import type { Answer, Call } from '#http/route'
import { contentTypes } from '#simple/format'
import { isInstaller } from './installer-agent.ts'
import { projectLister } from './names.ts'
import type { Parts } from './parts.ts'
import { chooseFormat } from './simple-format.ts'
import { projectShower } from './simple.ts'
import { notThere, takesAnything } from './views.ts'

/** At a project's address: its page. */
export function projectForInstallers(parts: Parts) {
  const showProject = projectShower(parts)
  const shows = {
    plain: showProject({ scope: 'all', depth: 0, hasSlash: false }),
    slashed: showProject({ scope: 'all', depth: 1, hasSlash: true }),
  }
  return (call: Call): Answer | Promise<Answer> | undefined => {
    if (!isInstaller(call)) return undefined
    return call.path.endsWith('/') ? shows.slashed(call) : shows.plain(call)
  }
}

/** At an index's address: its projects, where `Accept` or the kind of client says that these are meant. */
export function projectsAtIndex(parts: Parts) {
  const showNames = projectLister(parts)(({ path, params: { index = '' } }) => ({
    scope: 'all',
    prefix: path.endsWith('/') ? '' : `${encodeURIComponent(index)}/`,
  }))

  return (call: Call): Promise<Answer> | undefined => {
    const { accept } = call.headers
    if (isInstaller(call)) {
      if (!chooseFormat(accept)) throw notThere(call)
      return showNames(call)
    }
    if (takesAnything(accept)) return undefined
    const best = bestType(accept, [jsonType, contentTypes.json])
    if (best === undefined) throw notThere(call)
    return best === jsonType ? undefined : showNames(call)
  }
}
