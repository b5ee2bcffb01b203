/**
 * PyPI's JSON API under an index (index-standards 6.1): `…/USER/INDEX/pypi/PROJECT/json`, where a tool looks that is
 * given the index's address for PyPI's.
 */
import { buffer } from 'node:stream/consumers'
import { isSha256 } from '#base/digest'
import { refuse } from '#base/refusal'
import { jsonType, redirect } from '#http/reply'
import { get, type Answer, type Call, type Route } from '#http/route'
import type { ReadTransaction } from '#ledger/transaction'
import { parseMetadata } from '#python/metadata'
import { isValidName, normalizeName, type ProjectName } from '#python/name'
import type { PypiMetadata } from '#python/pypi-json'
import { indexName, type IndexName } from '#registry/indexes'
import { listLinks } from '#registry/links'
import type { Policies } from '#registry/policies'
import {
  findProjectRelease,
  findRegistered,
  latestRelease,
  listProjectReleases,
  type ProjectRelease,
} from '#registry/project-releases'
import { readCoreMetadata } from '#registry/releases'
import { renderPypiPage } from '#simple/pypi-page'
import { freshenSources } from './freshen.ts'
import { isProjectMissing } from './missing.ts'
import { queryOf, sendPage } from './page-reply.ts'
import type { Parts } from './parts.ts'
import { projectPages, type LinksPage } from './project-pages.ts'
import { named } from './views.ts'

interface Wanted {
  readonly index: IndexName
  readonly project: ProjectName
  /** The latest, with a list of all, where none is named. */
  readonly version: string | undefined
  readonly scope: 'all'
  readonly root: string
}

/** A digest, and what the core metadata of that digest says. */
type Known = ReadonlyMap<string, PypiMetadata>

/** As for uploads. */
const LARGEST_METADATA = 16 * 1024 * 1024

export function pypiJsonRoutes(parts: Parts): Route[] {
  const { ledger, blobs, policies } = parts
  const pages = projectPages(parts)
  return ['/:project/json', '/:project/:version/json'].flatMap((path) =>
    [path, `${path}/`].map((each) => get(`/:user/:index/pypi${each}`, named(show))),
  )

  async function show(call: Call): Promise<Answer> {
    const { user = '', index = '', project = '', version } = call.params
    const normal = normalizeName(project)
    if (!isValidName(project)) throw refuse('pypi-missing')
    const here = ['pypi', normal, ...(version === undefined ? [] : [version]), 'json']
    if (normal !== project || call.path.endsWith('/')) {
      const path = [user, index, ...here].map(encodeURIComponent).join('/')
      return redirect(302, `${call.prefix}/${path}${queryOf(call)}`)
    }
    const wanted: Wanted = {
      index: indexName(user, index),
      project: normal,
      version,
      scope: 'all',
      root: call.root,
    }
    await ledger.catchUp()
    const page = pages.find(pageName(wanted), normal) ?? (await make(wanted))
    return sendPage(call, page, jsonType)
  }

  async function make(wanted: Wanted): Promise<LinksPage> {
    const { index, project } = wanted
    try {
      await freshenSources(parts, wanted)
      const unregistered = await ledger.read((tx) => findUnregistered(tx, policies, wanted))
      const known = await readKnown(unregistered)
      // What a file says may be known any time from now on.
      const isPassing = unregistered !== undefined && known.size === 0
      return await pages.make(pageName(wanted), { ...wanted, isPassing }, async (found, tx) => {
        const releases = await listProjectReleases(tx, found, project)
        const shown = choose(releases, wanted)
        if (!shown) throw refuse('pypi-missing')
        return renderPypiPage({
          index,
          project,
          root: wanted.root,
          shown,
          metadata: (await findRegistered(tx, shown, project)) ?? knownOf(shown, known),
          releases: wanted.version === undefined ? releases : undefined,
          isPoliced: found.isPoliced,
          lastSerial: found.upstreamSerial ?? 0,
        })
      })
    } catch (error) {
      throw isProjectMissing(error) ? refuse('pypi-missing') : error
    }
  }

  /** The core metadata of a release's wheels, as far as it is here: no upstream is asked for it. */
  async function readKnown(release: ProjectRelease | undefined): Promise<Known> {
    const known = new Map<string, PypiMetadata>()
    for (const digest of release ? digestsOf(release) : []) {
      const blob = await blobs.open(digest)
      if (!blob) continue
      if (blob.size > LARGEST_METADATA) blob.stream.destroy()
      else {
        known.set(digest, readCoreMetadata(parseMetadata(await buffer(blob.stream))))
        break
      }
    }
    return known
  }
}

const pageName = ({ index, project, version = '', root }: Wanted): string =>
  `pypi ${index} ${project} ${version} ${root}`

/** The release that is shown, if nothing was registered of it. */
async function findUnregistered(
  tx: ReadTransaction,
  policies: Policies,
  wanted: Wanted,
): Promise<ProjectRelease | undefined> {
  const { project } = wanted
  const found = await listLinks(tx, policies, wanted)
  const shown = choose(await listProjectReleases(tx, found, project), wanted)
  return shown?.registrations.length === 0 ? shown : undefined
}

const choose = (
  releases: readonly ProjectRelease[],
  { version }: Wanted,
): ProjectRelease | undefined =>
  version === undefined ? latestRelease(releases) : findProjectRelease(releases, version)

const digestsOf = ({ links }: ProjectRelease) =>
  links.flatMap(({ file: { metadata } }) =>
    typeof metadata === 'string' && isSha256(metadata) ? [metadata] : [],
  )

function knownOf(release: ProjectRelease, known: Known): PypiMetadata {
  const digest = digestsOf(release).find((one) => known.has(one))
  return (digest === undefined ? undefined : known.get(digest)) ?? {}
}
