/**
 * Files of an index that has policies, or whose bases have: they are served below that index, wherever they lie, so that
 * what its policies hide can be refused there too.
 */
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import { candidateProjects } from '#python/filename'
import type { ProjectName } from '#python/name'
import { fileFolder, likelyProjects, type FoundFile } from '#registry/file-path'
import { findIndex, type IndexName } from '#registry/indexes'
import { listResolutionOrder } from '#registry/inheritance'
import { keys } from '#registry/keys'
import type { Link, ProjectLinks } from '#registry/links'
import { describeEnd, type Finding } from '#registry/policies'
import type { Address } from '#registry/stored'
import { isProjectMissing } from './missing.ts'
import type { Parts } from './parts.ts'
import { projectPages } from './project-pages.ts'
import { claimedFinding, findingOf } from './withheld.ts'

export interface PolicedFile {
  readonly file: FoundFile
  /** What would hide it, were the policy enforced. */
  readonly observed: Finding | undefined
}

export interface PolicedFiles {
  isPoliced(index: IndexName): Promise<boolean>
  /** The file that such an index offers at an address, with its bases. Refuses one that a policy hides. */
  find(address: Address): Promise<PolicedFile | undefined>
}

export function policedFiles(parts: Parts): PolicedFiles {
  const { ledger, policies, pages } = parts
  const projects = projectPages(parts)
  return { isPoliced, find }

  /** Asked with each file: kept until an index of the order changes. */
  async function isPoliced(index: IndexName): Promise<boolean> {
    await ledger.catchUpOnce()
    const name = `policed ${index}`
    const kept = pages.find<boolean>(name)
    if (kept) return kept.extra
    const isThere = await ledger.read((tx) => findIndex(tx, index))
    if (!isThere) return false // and nothing is kept of it
    const render = async (tx: ReadTransaction) => ({
      text: '',
      extra: policies.isPoliced(await listResolutionOrder(tx, index)),
    })
    return (await pages.build(name, render)).extra
  }

  async function find({ index, folder, filename }: Address): Promise<PolicedFile | undefined> {
    for (const project of await listAskable(index, filename)) {
      const found = await linksOf(index, project)
      const isMeant = (link: Link): boolean =>
        link.filename === filename && fileFolder(link.file) === folder
      const withheld = found?.withheld.find(({ why, link }) => why === 'policy' && isMeant(link))
      if (withheld?.why === 'policy') throw hidden(withheld.finding, filename)
      const link = found?.links.find(isMeant)
      if (link) return { file: { ...link, project }, observed: found?.observed.get(link) }
      // What lies on the index itself is served there as ever, unless a policy hides it.
      const other = found?.withheld.find(({ link }) => isMeant(link) && link.index !== index)
      if (other) throw hidden(findingOf(other), filename)
      const blocked = found && (await findBlocked({ project, filename, folder }, found))
      if (blocked) throw hidden(blocked, filename)
    }
    return undefined
  }

  /** A file of a mirror that is kept out, because a stage has claimed the name. */
  async function findBlocked(
    { project, filename, folder }: Pick<Address, 'filename' | 'folder'> & { project: ProjectName },
    found: ProjectLinks,
  ): Promise<Finding | undefined> {
    for (const mirror of found.sources.blocked) {
      const file = await ledger.read((tx) => tx.get(keys.file(mirror, project, filename)))
      if (!file || fileFolder(file) !== folder) continue
      return claimedFinding(found, mirror)
    }
    return undefined
  }

  /** No upstream hears of a name that is hardly meant, unless it is known here. */
  async function listAskable(index: IndexName, filename: string): Promise<ProjectName[]> {
    const likely = likelyProjects(filename)
    const others = candidateProjects(filename).filter((one) => !likely.includes(one))
    const known = await ledger.read(async (tx) => {
      const found: ProjectName[] = []
      for (const one of others) if (await isKnown(tx, index, one)) found.push(one)
      return found
    })
    return [...likely, ...known]
  }

  /** As the project's page has them; undefined where nobody has the project. */
  async function linksOf(
    index: IndexName,
    project: ProjectName,
  ): Promise<ProjectLinks | undefined> {
    await ledger.catchUpOnce()
    try {
      return await projects.links(index, project)
    } catch (error) {
      if (isProjectMissing(error)) return undefined
      throw error
    }
  }
}

async function isKnown(
  tx: ReadTransaction,
  index: IndexName,
  project: ProjectName,
): Promise<boolean> {
  for (const { name } of await listResolutionOrder(tx, index)) {
    if (await tx.get(keys.project(name, project))) return true
  }
  return false
}

function hidden(finding: Finding, filename: string): Error {
  const { index, policy } = finding
  return refuse('file-hidden', { filename, index, policy, reason: describeEnd(finding) })
}
