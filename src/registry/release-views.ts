/** A project's releases as devpi shows them: metadata and links by version, over an index and its bases. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { eachInTurn } from '#python/steps'
import type { NamedIndex } from './indexes.ts'
import { keys } from './keys.ts'
import { listReleaseLinks, type FileLink, type ReleaseLink } from './release-links.ts'

export interface ReleaseView {
  readonly metadata: Readonly<Record<string, unknown>>
  /** Undefined where nothing was uploaded for it. */
  readonly links: readonly ReleaseLink[] | undefined
  /** What further indexes of the order have under the same version. */
  readonly shadowing: readonly ReleaseView[]
}

/** By version; the first index that has one decides, the others stand behind it. */
export async function viewReleases(
  tx: ReadTransaction,
  indexes: readonly NamedIndex[],
  project: ProjectName,
): Promise<Map<string, ReleaseView>> {
  const found = new Map<string, ReleaseView[]>()
  for (const index of indexes) {
    await eachInTurn(await viewOwnReleases(tx, index, project), ([version, view]) => {
      const views = found.get(version)
      if (views) views.push(view)
      else found.set(version, [view])
    })
  }
  const merged = new Map<string, ReleaseView>()
  await eachInTurn(found, ([version, [first, ...others]]) => {
    if (first) merged.set(version, { ...first, shadowing: others })
  })
  return merged
}

async function viewOwnReleases(
  tx: ReadTransaction,
  { name, entry }: NamedIndex,
  project: ProjectName,
): Promise<Map<string, ReleaseView>> {
  const links = await listReleaseLinks(tx, name, project)
  const views = new Map<string, ReleaseView>()
  await eachInTurn(await tx.list(keys.versions(name, project)), ({ name: version, value }) => {
    const own = links.get(version)
    views.set(version, {
      metadata: { ...value, ...yankOf(own ?? []) },
      links: own,
      shadowing: [],
    })
  })
  // Upstreams tell of files alone.
  if (entry.type === 'mirror') {
    await eachInTurn(links, ([version, own]) => {
      views.set(version, {
        metadata: mirroredMetadata(project, version, own),
        links: own,
        shadowing: [],
      })
    })
  }
  return views
}

function mirroredMetadata(project: ProjectName, version: string, links: readonly ReleaseLink[]) {
  const files = links.filter((link): link is FileLink => link.rel === 'releasefile')
  const requiresPython = files.find(({ entry }) => entry.requiresPython)?.entry.requiresPython
  return {
    name: project,
    version,
    ...(requiresPython === undefined ? {} : { requires_python: requiresPython }),
    ...yankOf(links),
  }
}

/** Files are yanked upstream, and stay so where they are pushed to; devpi shows it of the release. */
function yankOf(links: readonly ReleaseLink[]): { yanked?: true | string } {
  for (const { rel, entry } of links) {
    if (rel === 'releasefile' && entry.yanked !== undefined) return { yanked: entry.yanked }
  }
  return {}
}

/**
 * With what is offered in place of each link, if anything is. A release of an index is left out that is left with none
 * of its links, or that had files and is left with none of them.
 */
export async function withLinks(
  releases: ReadonlyMap<string, ReleaseView>,
  offer: (link: ReleaseLink) => ReleaseLink | undefined,
): Promise<Map<string, ReleaseView>> {
  const left = new Map<string, ReleaseView>()
  await eachInTurn(releases, ([version, view]) => {
    const [first, ...others] = [view, ...view.shadowing].flatMap(({ metadata, links }) => {
      const offered = links?.flatMap((link) => offer(link) ?? [])
      const hadFiles = links?.some(isFile) ?? false
      const isLeft =
        links === undefined || (hadFiles ? offered?.some(isFile) : offered && offered.length > 0)
      return isLeft ? [{ metadata, links: offered, shadowing: [] }] : []
    })
    if (first) left.set(version, { ...first, shadowing: others })
  })
  return left
}

const isFile = ({ rel }: ReleaseLink): boolean => rel === 'releasefile'
