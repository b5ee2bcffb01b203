/** What lies at an address of an index: a file, a documentation zip or a test result. */
import type { ReadTransaction } from '#ledger/transaction'
import { candidateProjects } from '#python/filename'
import { normalizeName, type ProjectName } from '#python/name'
import type { DocsEntry } from './docs.ts'
import { findFile, hashFolder, wasFileThere, type FoundFile } from './file-path.ts'
import { findIndex, type IndexName } from './indexes.ts'
import { keys } from './keys.ts'
import { releaseOf } from './release-links.ts'
import type { ToxresultEntry } from './toxresults.ts'

interface Place {
  readonly index: IndexName
  readonly project: ProjectName
  /** As it was sent. */
  readonly version: string
  readonly filename: string
}

export type Stored =
  | (Place & { readonly rel: 'releasefile'; readonly file: FoundFile })
  | (Place & { readonly rel: 'doczip'; readonly entry: DocsEntry })
  | (Place & { readonly rel: 'toxresult'; readonly entry: ToxresultEntry; readonly of: FoundFile })

/** The last segments of an address. */
export interface Address {
  readonly index: IndexName
  /** `+f/abc/0123456789abc` or `+e/http_host_path`. */
  readonly folder: string
  readonly filename: string
}

const DOCS_ENDING = '.doc.zip'
/** `NAME.toxresult-20261125203500-0`, and as old devpi-servers named them: `NAME.toxresult0`. */
const TOXRESULT = /^(.+)\.toxresult(?:-\d{14}-)?\d+$/

export async function findStored(
  tx: ReadTransaction,
  address: Address,
): Promise<Stored | undefined> {
  const { index, folder, filename } = address
  const file = await findFile(tx, index, folder, filename)
  if (file) {
    const { project } = file
    return { rel: 'releasefile', index, project, filename, version: releaseOf(file.file), file }
  }
  return (await findDocs(tx, address)) ?? findToxresult(tx, address)
}

async function findDocs(tx: ReadTransaction, address: Address): Promise<Stored | undefined> {
  const { index, folder, filename } = address
  if (!(await findIndex(tx, index))) return undefined
  for (const { project, version } of docsCandidates(filename)) {
    const entry = await tx.get(keys.docs(index, project, version))
    if (entry && hashFolder(entry.digest) === folder) {
      return { rel: 'doczip', index, project, version, filename, entry }
    }
  }
  return undefined
}

async function findToxresult(tx: ReadTransaction, address: Address): Promise<Stored | undefined> {
  const { index, folder, filename } = address
  const [, tested] = TOXRESULT.exec(filename) ?? []
  const of = tested === undefined ? undefined : await findFile(tx, index, folder, tested)
  const entry = of && (await tx.get(keys.toxresult(of, filename)))
  if (!of || !entry) return undefined
  const { project, file } = of
  return { rel: 'toxresult', index, project, filename, version: releaseOf(file), entry, of }
}

/** Whether something was at that address once. */
export async function wasStored(tx: ReadTransaction, address: Address): Promise<boolean> {
  const { index, folder, filename } = address
  if (await wasFileThere(tx, index, folder, filename)) return true
  for (const { project, version } of docsCandidates(filename)) {
    const lives = await tx.history(keys.docs(index, project, version))
    if (lives.some(({ value }) => hashFolder(value.digest) === folder)) return true
  }
  const [, tested] = TOXRESULT.exec(filename) ?? []
  return tested !== undefined && wasToxresult(tx, address, tested)
}

async function wasToxresult(
  tx: ReadTransaction,
  { index, folder, filename }: Address,
  tested: string,
): Promise<boolean> {
  for (const project of candidateProjects(tested)) {
    const place = { index, project, filename: tested }
    const lives = await tx.history(keys.toxresult(place, filename))
    if (lives.length > 0) return wasFileThere(tx, index, folder, tested)
  }
  return false
}

/** The name holds project and version with a dash between them, and either may have dashes itself. */
function docsCandidates(filename: string): { project: ProjectName; version: string }[] {
  if (!filename.endsWith(DOCS_ENDING)) return []
  const stem = filename.slice(0, -DOCS_ENDING.length)
  return [...stem.matchAll(/-/g)]
    .map(({ index: at }) => ({ name: stem.slice(0, at), version: stem.slice(at + 1) }))
    .filter(({ name, version }) => name !== '' && version !== '' && normalizeName(name) === name)
    .map(({ name, version }) => ({ project: normalizeName(name), version }))
}
