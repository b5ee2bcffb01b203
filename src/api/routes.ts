/** All routes for programs, in one list. */
import type { Route } from '#http/route'
import { authcheckRoutes } from './authcheck.ts'
import { changelogRoutes } from './changelog.ts'
import { changesRoutes } from './changes.ts'
import { docsRoutes, docsRoutesApart } from './docs.ts'
import { explainRoutes } from './explain.ts'
import { fileRoutes } from './files.ts'
import { groupRoutes } from './group.ts'
import { inheritanceRoutes } from './inheritance.ts'
import { indexRoutes } from './indexes.ts'
import { projectForInstallers, projectsAtIndex } from './installers.ts'
import { loginRoutes } from './login.ts'
import { metricsRoutes } from './metrics.ts'
import { mirrorErrandRoutes } from './mirror-errands.ts'
import { nameRoutes } from './names.ts'
import type { Parts } from './parts.ts'
import { projectRoutes } from './projects.ts'
import { pypiJsonRoutes } from './pypi-json.ts'
import { rehearsalRoutes } from './rehearsal.ts'
import { removalRoutes } from './removals.ts'
import { replicationRoutes } from './replication.ts'
import { searchRoutes } from './search.ts'
import { simpleRoutes } from './simple.ts'
import { statusRoutes } from './status.ts'
import { submitRoutes } from './submit.ts'
import { toxresultRoutes } from './toxresults.ts'
import { userRoutes } from './users.ts'
import { yankRoutes } from './yanks.ts'

/** All that is answered on a host that documentation has to itself, where a proxy may ask too. */
export function docsHostRoutes(parts: Parts, mainUrl: string): Route[] {
  const routes = docsRoutesApart(parts, mainUrl)
  return [...routes, ...authcheckRoutes(routes, { authcheckLogin: false, reading: parts.reading })]
}

/** `pages`: what else has an address here. */
export function apiRoutes(parts: Parts, pages: readonly Pick<Route, 'path'>[]): Route[] {
  const routes = [
    ...statusRoutes(parts),
    ...metricsRoutes(parts),
    ...loginRoutes(parts),
    ...simpleRoutes(parts),
    ...nameRoutes(parts),
    ...pypiJsonRoutes(parts),
    ...explainRoutes(parts),
    ...inheritanceRoutes(parts),
    ...fileRoutes(parts),
    ...toxresultRoutes(parts),
    ...docsRoutes(parts),
    ...submitRoutes(parts),
    ...indexRoutes(parts, { asProjects: projectsAtIndex(parts) }),
    ...projectRoutes(parts, { asPage: projectForInstallers(parts) }),
    ...searchRoutes(parts),
    ...rehearsalRoutes(parts),
    ...removalRoutes(parts),
    ...yankRoutes(parts),
    ...userRoutes(parts),
    ...changelogRoutes(),
    ...changesRoutes(parts),
    ...replicationRoutes(parts),
    ...groupRoutes(parts),
    ...mirrorErrandRoutes(parts),
  ]
  return [
    ...routes,
    ...authcheckRoutes([...routes, ...pages], { ...parts.server, reading: parts.reading }),
  ]
}
