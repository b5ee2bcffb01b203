/** The pages of a project and of its releases. */
import { refuse } from '#base/refusal'
import { redirect } from '#http/reply'
import { get, type Answer, type Call, type Handle, type Route } from '#http/route'
import { normalizeLoosely, type ProjectName } from '#python/name'
import { isStable } from '#python/version'
import type { RenderedReadme } from '#readme/readme'
import { indexName, type IndexName } from '#registry/indexes'
import type { ProjectLinks } from '#registry/links'
import {
  findProjectRelease,
  findRegistered,
  listProjectReleases,
  type ProjectRelease,
} from '#registry/project-releases'
import type { MayRead } from '#registry/reading'
import { indexesTold } from '#registry/told-indexes'
import type { ToxReadings } from '#registry/tox-reading'
import { Addresses } from '../addresses.ts'
import { anonymous, type Identity } from '#base/identity'
import type { ReadTransaction } from '#ledger/transaction'
import type { DocumentPrinter } from '../document-printer.ts'
import { printPlainRelease } from '../views/plain-release.ts'
import { crumbs } from '../crumbs.ts'
import type { MirroredMetadata } from '../mirrored-metadata.ts'
import type { PagePrinter } from '../page-printer.ts'
import type { WebParts } from '../parts.ts'
import { projectActions, releaseActions } from '../views/actions.ts'
import { pageNumber } from '../views/paging.ts'
import { viewProject } from '../views/project.ts'
import { viewRelease } from '../views/release.ts'

export function projectPages(
  parts: WebParts & { readonly tests: ToxReadings; readonly mirrored: MirroredMetadata },
  { show, send }: { readonly show: PagePrinter; readonly send: DocumentPrinter },
): Route[] {
  const { tests, mirrored } = parts
  return [
    get('/:user/:index/:project', normally(showProject)),
    get('/:user/:index/:project/:version', normally(showRelease)),
    get('/:user/:index/:project/:version/+llms.txt', normally(sendPlain)),
  ]

  async function showProject(call: Call): Promise<Answer> {
    const { user = '', index: short = '' } = call.params
    const [index, project] = [indexName(user, short), projectOf(call)]
    const page = pageNumber(call.query)
    const links = await parts.links(index, project)
    const downloads = sumDownloads(links, index, project)
    return show(call, {
      template: 'project',
      subject: [index, project, String(page)],
      basis: [links, downloads],
      make: async (tx, addresses) => {
        const asking = { who: call.who, addresses }
        const view = await viewProject(tx, { index, project, page, downloads }, links, asking)
        return {
          title: `${index}/: ${project} versions`,
          path: crumbs(addresses, user, short, project),
          feeds: [{ title: project, address: addresses.at(user, short, '+feed', project) }],
          actions: await projectActions(tx, { index, project }, asking),
          view,
        }
      },
    })
  }

  async function showRelease(call: Call): Promise<Answer> {
    const { user = '', index: short = '', version: asked = '' } = call.params
    const [index, project] = [indexName(user, short), projectOf(call)]
    const showsImages = call.query.get('images') === 'show'
    const links = await parts.links(index, project)
    const downloads = sumDownloads(links, index, project)
    return show(call, {
      template: 'release',
      subject: [index, project, asked, String(showsImages)],
      basis: [links, downloads],
      images: showsImages ? 'any' : 'own',
      make: async (tx, addresses) => {
        const { isLate, ...known } = await findRelease(tx, { links, project, version: asked })
        const readme = await readmeOf(known.metadata, showsImages)
        const { release } = known
        const mayName = await namesTold(tx, call.who, links, release)
        const said = { readme, showsImages, tests, downloads, mayName }
        const found = { index, project, links, ...known, ...said }
        const { version } = release
        const asking = { who: call.who, addresses }
        return {
          title: `${index}/: ${project}-${version} metadata and description`,
          path: crumbs(addresses, user, short, project, version),
          actions: await releaseActions(tx, { index, project, release }, asking),
          view: await viewRelease(tx, found, call.root, asking),
          isPassing: isLate || readme?.isPassing,
        }
      },
    })
  }

  async function sendPlain(call: Call): Promise<Answer> {
    const { user = '', index: short = '', version: asked = '' } = call.params
    const [index, project] = [indexName(user, short), projectOf(call)]
    const links = await parts.links(index, project)
    return send(call, {
      type: 'text/markdown; charset=utf-8',
      subject: ['plain', index, project, asked],
      basis: [links],
      async make(tx, addresses) {
        const { isLate: _late, ...known } = await findRelease(tx, {
          links,
          project,
          version: asked,
        })
        const mayName = await namesTold(tx, anonymous, links, known.release)
        const said = { readme: undefined, showsImages: false, tests, downloads: 0, mayName }
        const found = { index, project, links, ...known, ...said }
        const view = await viewRelease(tx, found, call.root, { who: anonymous, addresses })
        const { description } = known.metadata ?? {}
        const origin = call.root.slice(0, call.root.length - call.prefix.length)
        return printPlainRelease(view, origin, typeof description === 'string' ? description : '')
      },
    })
  }

  function namesTold(
    tx: ReadTransaction,
    who: Identity,
    links: ProjectLinks,
    release: ProjectRelease,
  ): Promise<MayRead | undefined> {
    const logs = release.links.map(({ file }) => file.log)
    const known = links.sources.used.map(({ name }) => name)
    return indexesTold(tx, logs, { reading: parts.reading, who, known })
  }

  /** A release with all others of its project, and what it says of itself. */
  async function findRelease(
    tx: ReadTransaction,
    wanted: {
      readonly links: ProjectLinks
      readonly project: ProjectName
      readonly version: string
    },
  ) {
    const { links, project } = wanted
    const releases = await listProjectReleases(tx, links, project)
    const release = chooseRelease(releases, wanted)
    const registered = await findRegistered(tx, release, project)
    const told = registered ?? (await mirrored.find(project, release.links))
    const isLate = told === 'late'
    return { releases, release, metadata: told === 'late' ? undefined : told, isLate }
  }

  /** Files are served below the index that holds them, or below that which was asked. */
  function sumDownloads(links: ProjectLinks, index: IndexName, project: ProjectName): number {
    const indexes = new Set([index, ...links.holders])
    return [...indexes].reduce((sum, one) => sum + parts.countDownloads(one, project), 0)
  }

  async function readmeOf(
    metadata: Readonly<Record<string, unknown>> | undefined,
    showsImages: boolean,
  ): Promise<RenderedReadme | undefined> {
    const { description, description_content_type: type } = metadata ?? {}
    if (typeof description !== 'string' || description.trim() === '') return undefined
    return parts.readmes.render({
      text: description,
      contentType: typeof type === 'string' ? type : '',
      images: showsImages ? 'show' : 'link',
    })
  }
}

/** `latest` and `stable` are names for the newest, with and without pre-releases. */
function chooseRelease(
  releases: readonly ProjectRelease[],
  { project, version }: { readonly project: string; readonly version: string },
): ProjectRelease {
  const found =
    version === 'latest'
      ? releases.at(-1)
      : version === 'stable'
        ? releases.findLast((release) => isStable(release.version))
        : findProjectRelease(releases, version)
  if (found) return found
  throw version === 'stable' ? refuse('project-no-stable', { project }) : missing()

  function missing(): Error {
    return refuse('release-missing', { version, project })
  }
}

const projectOf = (call: Call) => normalizeLoosely(call.params['project'] ?? '')

/** Sends on to the project's name in its normal form (devpi-web 4). */
function normally(handle: Handle): Handle {
  return (call) => {
    const { user = '', index = '', project = '' } = call.params
    const normal = normalizeLoosely(project)
    if (normal === project) return handle(call)
    const rest = call.path.split('/').slice(4)
    return redirect(302, new Addresses(call).at(user, index, normal, ...rest))
  }
}
