/**
 * A bandersnatch mirror: `web/simple/PROJECT/index.v1_json` (or `index.html`) names files below `web/packages/`. With its
 * option `hash-index` projects lie in folders by their first letter.
 */
import { existsSync } from 'node:fs'
import { lstat, opendir, readFile, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { parseProjectHtml } from '#python/html-page-reader'
import { normalizeName } from '#python/name'
import { UnreadablePage, type PageFile, type ProjectPage } from '#python/simple-page'
import { parseProjectJson } from '#python/simple-page-json'
import { isPlain, type Found } from './found-file.ts'

/** The folder that is served, of one that a bandersnatch has written; undefined for any other. */
export function findWebFolder(folder: string): string | undefined {
  return [join(folder, 'web'), folder].find(
    (web) => existsSync(join(web, 'simple')) && existsSync(join(web, 'packages')),
  )
}

const PAGES = ['index.v1_json', 'index.v1_html', 'index.html'] as const
const PLACE = 'http://mirror.invalid'

export async function* walkBandersnatch(web: string): AsyncGenerator<Found> {
  const packages = await realpath(join(web, 'packages'))
  for await (const project of listProjects(join(web, 'simple'))) {
    const shown = `simple/${project.below}`
    let page: ProjectPage
    try {
      page = await readPage(project)
    } catch (error) {
      if (!(error instanceof UnreadablePage)) throw error
      yield { shown, problem: error.reason }
      continue
    }
    for (const file of page.files) yield await findFile(web, packages, project.name, file)
  }
}

interface Project {
  readonly name: string
  readonly folder: string
  readonly below: string
  readonly page: (typeof PAGES)[number]
}

async function* listProjects(folder: string, below = ''): AsyncGenerator<Project> {
  for await (const entry of await opendir(join(folder, below))) {
    const { name } = entry
    if (!entry.isDirectory() || name.startsWith('.')) continue
    const own = below === '' ? name : `${below}/${name}`
    const page = PAGES.find((one) => existsSync(join(folder, own, one)))
    if (page) yield { name, folder: join(folder, own), below: own, page }
    else if (below === '') yield* listProjects(folder, name)
  }
}

async function readPage({ folder, page, below }: Project): Promise<ProjectPage> {
  const text = await readFile(join(folder, page), 'utf8')
  const address = `${PLACE}/simple/${below}/`
  return page === 'index.v1_json'
    ? parseProjectJson(text, address)
    : parseProjectHtml(text, address)
}

/** Where a link leads: below the mirror itself, or below another address that it is served at (`root_uri`). */
async function findFile(
  web: string,
  packages: string,
  project: string,
  file: PageFile,
): Promise<Found> {
  const { filename, url, hashes, uploadedAt, requiresPython, yanked } = file
  const shown = `${project}: ${filename}`
  const [, below] = /\/(packages\/.+)$/.exec(decodePath(url) ?? '') ?? []
  if (below === undefined || !isPlain(filename)) {
    return { shown, problem: 'its link leads to no file of the mirror' }
  }
  const path = join(web, below)
  const facts = await lstat(path).catch(() => undefined)
  if (!facts) return { shown, problem: `${below} is missing` }
  const isInside = facts.isFile() && (await realpath(path)).startsWith(packages + sep)
  if (!isInside) return { shown, problem: `${below} is no file of the mirror` }
  return {
    ...{ path, shown: filename, filename, project: normalizeName(project), hashes },
    ...{ uploadedAt, requiresPython },
    yanked: yanked === false ? undefined : yanked,
  }
}

function decodePath(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url).pathname)
  } catch {
    return undefined
  }
}
