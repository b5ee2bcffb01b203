/** Which release of an index and its bases a requirement means, as an installer would choose it. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { matches, type Specifier, type SpecifierSet } from '#python/specifier'
import { compareVersions, isPrerelease, parseVersion, type Version } from '#python/version'
import type { IndexName, NamedIndex } from './indexes.ts'
import { keys } from './keys.ts'
import type { FindHidden } from './push-policies.ts'
import { listReleaseLinks, type FileLink, type ReleaseLink } from './release-links.ts'

export interface Wish {
  readonly project: ProjectName
  readonly specifiers: SpecifierSet
  /** SHA-256 of the files that are meant. */
  readonly hashes: ReadonlySet<string> | undefined
}

export interface Choice {
  readonly index: IndexName
  /** As it was sent. */
  readonly version: string
}

export interface Choosable {
  readonly indexes: readonly NamedIndex[]
  /** Of what policies hide nothing is chosen. */
  readonly findHidden: FindHidden
}

/** The newest release that fits, from the first of the indexes that has it. */
export async function chooseRelease(
  tx: ReadTransaction,
  { indexes, findHidden }: Choosable,
  wish: Wish,
): Promise<Choice | undefined> {
  let best: (Choice & { readonly parsed: Version | undefined }) | undefined
  for (const { name: index } of indexes) {
    const status = (await tx.get(keys.project(index, wish.project)))?.status?.status
    if (status === 'quarantined') continue
    for (const [version, all] of await listReleaseLinks(tx, index, wish.project)) {
      const links = all.filter(({ filename }) => !findHidden(index, filename))
      const parsed = parseVersion(version)
      if (!fits(version, parsed, wish) || !hasFiles(links, wish)) continue
      if (!best || isNewer(parsed, best.parsed)) best = { index, version, parsed }
    }
  }
  return best && { index: best.index, version: best.version }
}

/** The very release, from the first of the indexes that has it. */
export async function findRelease(
  tx: ReadTransaction,
  indexes: readonly NamedIndex[],
  { project, version }: { project: ProjectName; version: string },
): Promise<Choice | undefined> {
  for (const { name: index } of indexes) {
    const isHere = (await listReleaseLinks(tx, index, project)).has(version)
    if (isHere) return { index, version }
  }
  return undefined
}

function fits(text: string, version: Version | undefined, { specifiers }: Wish): boolean {
  if (!version) return specifiers.some((one) => one.operator === '===' && one.text === text)
  return matches(specifiers, version, { prereleases: specifiers.some(namesPrerelease) })
}

const namesPrerelease = (specifier: Specifier): boolean =>
  specifier.operator === '===' || isPrerelease(specifier.version)

/** What is yanked is for who names the version. */
function hasFiles(links: readonly ReleaseLink[], { specifiers, hashes }: Wish): boolean {
  const isPinned = specifiers.some(
    (one) => one.operator === '===' || (one.operator === '==' && !one.isPrefix),
  )
  return links
    .filter((link): link is FileLink => link.rel === 'releasefile')
    .filter(({ entry }) => isPinned || entry.yanked === undefined)
    .some(({ entry }) => !hashes || hashes.has(entry.digest ?? entry.hashes.sha256 ?? ''))
}

function isNewer(version: Version | undefined, than: Version | undefined): boolean {
  if (!version || !than) return version !== undefined
  return compareVersions(version, than) > 0
}
