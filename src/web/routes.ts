/** All pages for people, in one list. */
import { withPages } from '#http/with-pages'
import type { Answer, Call, Handle, Route } from '#http/route'
import { refuse } from '#base/refusal'
import { ToxReadings } from '#registry/tox-reading'
import { FileContents } from '#registry/file-contents'
import { documentPrinter } from './document-printer.ts'
import { errorPages, type Told } from './error-page.ts'
import { formPages } from './form-pages.ts'
import { HealthCheck } from './health.ts'
import { MirroredMetadata } from './mirrored-metadata.ts'
import { pagePrinter } from './page-printer.ts'
import { docsPages } from './pages/docs.ts'
import { changesPages } from './pages/changes.ts'
import { contentsPages } from './pages/contents.ts'
import { differencesPages } from './pages/differences.ts'
import { feedRoutes } from './pages/feeds.ts'
import { packageIndexPage } from './pages/package-index.ts'
import { peoplePages } from './pages/people.ts'
import { projectPages } from './pages/project.ts'
import { staticRoutes } from './pages/static.ts'
import { searchPages } from './pages/search.ts'
import { inheritancePage } from './pages/inheritance.ts'
import { statusPages } from './pages/status.ts'
import { toxresultPages } from './pages/toxresults.ts'
import type { WebParts } from './parts.ts'
import { prefersPage } from './prefers-page.ts'
import { openTheme } from './theme/theme.ts'

export interface Web {
  /** All that have an address. */
  readonly pages: readonly Pick<Route, 'path'>[]
  /** With the pages among them. */
  withPages(routes: readonly Route[]): Route[]
  /** What is wrong with the theme, as far as pages were printed with it. */
  listThemeProblems(): readonly string[]
  /** Compiles the templates, in turns with requests, so that no page has to wait for it. */
  prepare(): Promise<void>
  /** An error as a page, for who would rather have one. */
  errorPage(call: Call, told: Told): Answer | Promise<Answer> | undefined
}

export function createWeb(given: WebParts): Web {
  const { folder: dataFolder, mirrors, upstreams, worries, clock, log } = given
  const health = new HealthCheck({
    folder: dataFolder,
    mirrors,
    upstreams,
    worries,
    clock,
    log,
  })
  const parts = { ...given, health }
  const theme = openTheme({ ...parts.theme, log })
  const show = pagePrinter(parts, theme)
  const send = documentPrinter(parts)
  const tests = new ToxReadings(parts.blobs)
  const contents = new FileContents(parts)
  const mirrored = new MirroredMetadata(parts)
  const pages = [
    ...peoplePages(parts, { show, theme }),
    packageIndexPage({ ...parts, tests, mirrored }, show),
    ...projectPages({ ...parts, tests, mirrored }, { show, send }),
    ...docsPages(parts, show),
    ...toxresultPages(tests, show),
    ...contentsPages(parts, show, contents),
    ...statusPages(parts, show),
    ...changesPages(parts, show),
    ...searchPages(parts, show),
    inheritancePage(parts, show),
    ...differencesPages({ ...parts, contents, mirrored }, show),
    ...feedRoutes(parts, send),
  ]
  const forms = formPages(parts, theme).map((form) => ({ ...form, isForPeople: true }))
  const all = [...pages.map(onlyNames), ...forms, ...staticRoutes(theme)]
  return {
    pages: all,
    withPages: (routes) => withPages(routes, all, prefersPage),
    listThemeProblems: () => theme().listProblems(),
    prepare: () => theme().templates.prepare(),
    errorPage: errorPages(parts, theme),
  }
}

/** Addresses with a `+` are others': no user, index or project has one in its name. */
function onlyNames(route: Route): Route {
  const handle: Handle = (call) => {
    const { user = '', index = '', project = '' } = call.params
    if ([user, index, project].some((name) => name.includes('+'))) {
      throw refuse('not-found', { what: call.path })
    }
    return route.handle(call)
  }
  return { ...route, handle }
}
