/** A project as one line of the mirror that it was asked of: what is known of it here, without asking upstream. */
import type { ReadTransaction } from '#ledger/transaction'
import { distributionVersion } from '#python/filename'
import type { ProjectName } from '#python/name'
import { eachInTurn, inTurns } from '#python/steps'
import { sortByVersion } from '#python/version-order'
import type { NamedIndex } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { Link } from '#registry/links'
import type { Policies } from '#registry/policies'
import type { Addresses } from '../addresses.ts'
import type { MirroredMetadata } from '../mirrored-metadata.ts'
import { bareLine, type ProjectLine } from './project-line.ts'
import { cameAt } from './recent-releases.ts'

export interface MirrorParts {
  readonly policies: Policies
  readonly mirrored: MirroredMetadata
}

export interface MirrorLine {
  readonly line: ProjectLine
  /** Time alone makes another line of it. */
  readonly isPassing: boolean
}

/** Releases whose files are looked at: policies may hide the newest. */
const MOST_LOOKED_AT = 10

export async function viewMirrorLine(
  tx: ReadTransaction,
  mirror: NamedIndex,
  project: ProjectName,
  { policies, mirrored, addresses }: MirrorParts & { readonly addresses: Addresses },
): Promise<MirrorLine> {
  const { name: index } = mirror
  const bare = bareLine(index, project, addresses)
  const known = await tx.get(keys.project(index, project))
  if (known?.status?.status === 'quarantined') return { line: bare, isPassing: false }
  const releases = await listFilenames(tx, mirror, project)
  let isPassing = false
  for (const { version, filenames } of releases.toReversed().slice(0, MOST_LOOKED_AT)) {
    const links = await readLinks(tx, mirror, project, filenames)
    const { hidden, until } = await policies.judge(tx, [mirror], { project, links })
    isPassing ||= until !== undefined
    const offered = links.filter((link) => !hidden.has(link))
    if (offered.length === 0) continue
    const line = {
      ...bare,
      version,
      releaseAddress: addresses.release(index, project, version),
      summary: await mirrored.summaryHere(offered),
      releaseCount: releases.length,
      files: offered.map(({ filename, file: { size } }) => ({ filename, size })),
      changedAt: Math.max(...offered.map(({ file }) => cameAt(file))),
    }
    return { line, isPassing }
  }
  return { line: bare, isPassing }
}

interface Filenames {
  readonly version: string
  readonly filenames: readonly string[]
}

/** By release, the oldest first: names tell it without their values being read. */
async function listFilenames(
  tx: ReadTransaction,
  { name: index }: NamedIndex,
  project: ProjectName,
): Promise<Filenames[]> {
  const found = new Map<string, string[]>()
  await eachInTurn(await tx.listNames(keys.files(index, project)), (filename) => {
    const version = distributionVersion(filename, project)
    if (version === undefined) return
    const filenames = found.get(version)
    if (filenames) filenames.push(filename)
    else found.set(version, [filename])
  })
  const releases = Array.from(found, ([version, filenames]) => ({ version, filenames }))
  return inTurns(sortByVersion(releases, ({ version }) => version))
}

async function readLinks(
  tx: ReadTransaction,
  { name: index }: NamedIndex,
  project: ProjectName,
  filenames: readonly string[],
): Promise<Link[]> {
  const links: Link[] = []
  for (const filename of filenames) {
    const file = await tx.get(keys.file(index, project, filename))
    if (file) links.push({ index, filename, file })
  }
  return links
}
