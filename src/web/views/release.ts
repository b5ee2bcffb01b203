/** The model of the template `release`: what it is, its files, how it is installed. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { compareVersionTexts } from '#python/version-order'
import type { RenderedReadme } from '#readme/readme'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { ProjectLinks } from '#registry/links'
import type { ProjectRelease } from '#registry/project-releases'
import { docsLink } from '#registry/release-links'
import type { MayRead } from '#registry/reading'
import type { ToxReadings } from '#registry/tox-reading'
import type { Asking } from './home.ts'
import { changesAddress } from './inside.ts'
import { installCommands, type InstallCommand } from './install-commands.ts'
import { metadataView, type MetadataView } from './metadata.ts'
import { releaseFacts, upstreamPages } from './project.ts'
import { fileLines, type FileLine } from './release-files.ts'

export interface ReleaseView extends MetadataView {
  readonly project: ProjectName
  readonly index: IndexName
  readonly version: string
  readonly address: string
  readonly projectAddress: string
  readonly simpleAddress: string
  readonly explainAddress: string
  readonly fileCount: number
  /** Bytes. */
  readonly size: number
  /** RFC 3339. */
  readonly uploadedAt: string | undefined
  readonly isYanked: boolean
  readonly yankReason: string | undefined
  readonly isPrerelease: boolean
  /** The indexes that its files come from. */
  readonly from: readonly { readonly index: IndexName; readonly address: string }[]
  readonly files: readonly FileLine[]
  readonly commands: readonly InstallCommand[]
  /** Documentation that was uploaded. */
  readonly docs: { readonly address: string; readonly zipAddress: string } | undefined
  /** Undefined where there is none, or it is not known here. */
  readonly readme: RenderedReadme | undefined
  /** Whether the readme's pictures of other hosts are shown; the address that turns it round. */
  readonly images: { readonly areShown: boolean; readonly otherAddress: string }
  /** A newer stable one, or this is a pre-release and there is a stable one. */
  readonly newer: { readonly version: string; readonly address: string } | undefined
  readonly upstreamPages: readonly { readonly title: string; readonly address: string }[]
  /** How often files of the project, of all its releases, were asked for here. */
  readonly downloads: number
  /** What differs from the release before it; undefined for the first one. */
  readonly changesAddress: string | undefined
  /** The releases before and after it, by version. */
  readonly neighbours: {
    readonly older: { readonly version: string; readonly address: string } | undefined
    readonly newer: { readonly version: string; readonly address: string } | undefined
  }
}

export interface Found {
  readonly index: IndexName
  readonly project: ProjectName
  readonly links: ProjectLinks
  /** All of the project, oldest first. */
  readonly releases: readonly ProjectRelease[]
  readonly release: ProjectRelease
  /** Under devpi's names. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined
  readonly readme: RenderedReadme | undefined
  readonly showsImages: boolean
  readonly tests: ToxReadings
  /** Which indexes the history of its files may name; undefined: all. */
  readonly mayName: MayRead | undefined
  readonly downloads: number
}

export async function viewRelease(
  tx: ReadTransaction,
  found: Found,
  root: string,
  { addresses }: Asking,
): Promise<ReleaseView> {
  const { index, project, release, releases } = found
  const { version } = release
  const facts = releaseFacts(release)
  const at = (one: string) => ({ version: one, address: addresses.release(index, project, one) })
  const place = releases.indexOf(release)
  const [older, newer] = [releases[place - 1], releases[place + 1]]
  const files = await fileLines(tx, found, addresses)
  const { address } = at(version)
  return {
    ...metadataView(found.metadata, { requiresPython: facts.requiresPython, index, addresses }),
    ...facts,
    project,
    index,
    address,
    projectAddress: addresses.project(index, project),
    simpleAddress: `${addresses.simple(index)}${project}/`,
    explainAddress: addresses.explain(index, project),
    from: [...new Set(release.links.map((link) => link.index))].map((one) => ({
      index: one,
      address: addresses.index(one),
    })),
    files,
    commands: installCommands({ project, version, simple: `${root}/${index}/+simple/`, files }),
    docs: await findDocs(tx, found, addresses),
    readme: found.readme,
    images: {
      areShown: found.showsImages,
      otherAddress: found.showsImages ? address : `${address}?images=show`,
    },
    newer: newerStable(found),
    upstreamPages: upstreamPages(found.links.sources.order, project),
    downloads: found.downloads,
    changesAddress: older && changesAddress(addresses, { index, project }, older.version, version),
    neighbours: {
      older: older && at(older.version),
      newer: newer && at(newer.version),
    },
  }

  function newerStable({ releases: all, release: own }: Found) {
    const stable = all.findLast((one) => {
      const { isPrerelease, isYanked } = releaseFacts(one)
      return !isPrerelease && !isYanked
    })
    if (!stable || stable === own) return undefined
    const isNewer = compareVersionTexts(stable.version, own.version) > 0
    return isNewer || facts.isPrerelease ? at(stable.version) : undefined
  }
}

async function findDocs(
  tx: ReadTransaction,
  { links, project, release }: Found,
  addresses: Asking['addresses'],
): Promise<ReleaseView['docs']> {
  const versions = [release.version, ...release.registrations.map(({ version }) => version)]
  for (const index of links.holders) {
    for (const version of versions) {
      const entry = await tx.get(keys.docs(index, project, version))
      if (!entry) continue
      const { path } = docsLink(index, project, version, entry)
      return {
        address: addresses.docs(index, project, version),
        zipAddress: addresses.file(path),
      }
    }
  }
  return undefined
}
