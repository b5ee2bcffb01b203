/** A project's releases as PyPI counts them: each version once, with the files of all indexes that add to it. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { eachInTurn, inTurns } from '#python/steps'
import { canonicalVersion, isPrerelease, parseVersion } from '#python/version'
import { sortByVersion } from '#python/version-order'
import type { IndexName } from './indexes.ts'
import { keys } from './keys.ts'
import type { Link, ProjectLinks } from './links.ts'
import type { ReleaseMetadata } from './releases.ts'

export interface ProjectRelease {
  /** In normal form where there are files, else as it was registered. */
  readonly version: string
  readonly links: readonly Link[]
  /** Where its metadata lies, nearest index first; nowhere for one that only upstream has. */
  readonly registrations: readonly Registration[]
}

interface Registration {
  readonly index: IndexName
  /** As it was sent. */
  readonly version: string
}

/** Oldest first. */
export async function listProjectReleases(
  tx: ReadTransaction,
  { links, offering, withheld }: ProjectLinks,
  project: ProjectName,
): Promise<ProjectRelease[]> {
  const found = new Map<string, { version: string; links: Link[]; registrations: Registration[] }>()
  const release = (version: string) => {
    const key = releaseKey(version)
    let known = found.get(key)
    if (!known) found.set(key, (known = { version, links: [], registrations: [] }))
    return known
  }
  await eachInTurn(links, (link) => release(link.file.version).links.push(link))
  const hidden = new Set(
    withheld.flatMap(({ why, link }) => (why === 'policy' ? [releaseKey(link.file.version)] : [])),
  )
  for (const index of offering) {
    await eachInTurn(await tx.listNames(keys.versions(index, project)), (version) => {
      const key = releaseKey(version)
      if (hidden.has(key) && !found.has(key)) return // nothing of it is shown
      release(version).registrations.push({ index, version })
    })
  }
  return inTurns(sortByVersion(found.values(), ({ version }) => version))
}

/** Versions that are equal are one release, however they are spelt. */
function releaseKey(text: string): string {
  const version = parseVersion(text)
  return version ? canonicalVersion(version) : text
}

export function findProjectRelease(
  releases: readonly ProjectRelease[],
  version: string,
): ProjectRelease | undefined {
  const key = releaseKey(version)
  return releases.find((release) => releaseKey(release.version) === key)
}

/** The release that is shown where none is asked for: not yanked, no pre-release, the newest, in this order. */
export function latestRelease(releases: readonly ProjectRelease[]): ProjectRelease | undefined {
  const rank = (release: ProjectRelease): number => {
    const version = parseVersion(release.version)
    return (isYanked(release) ? 0 : 2) + (version && !isPrerelease(version) ? 1 : 0)
  }
  let best: ProjectRelease | undefined
  let highest = -1
  // From the newest on: it is nearly always among the first, of however many.
  for (let at = releases.length - 1; at >= 0 && highest < HIGHEST; at--) {
    const own = rank(releases[at]!)
    if (own > highest) [best, highest] = [releases[at], own]
  }
  return best
}

const HIGHEST = 3

/** A release is yanked when all its files are. */
export const isYanked = ({ links }: ProjectRelease): boolean =>
  links.length > 0 && links.every(({ file }) => file.yanked !== undefined)

/** What was registered of a release, or came with its upload. */
export async function findRegistered(
  tx: ReadTransaction,
  { registrations: [nearest] }: ProjectRelease,
  project: ProjectName,
): Promise<ReleaseMetadata | undefined> {
  return nearest && tx.get(keys.version(nearest.index, project, nearest.version))
}
