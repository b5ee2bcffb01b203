/** What an index holds of its projects, read together where it is little, else project by project. */
import type { KeyRange } from '#ledger/key'
import type { ListedEntry, ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import type { FileEntry } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { ToxresultEntry } from '#registry/toxresults'

export interface ProjectContents {
  readonly files: readonly Named<FileEntry>[]
  /** As they were registered or uploaded. */
  readonly versions: readonly string[]
  /** Versions that have documentation. */
  readonly docs: readonly string[]
  /** By `FILENAME/NAME`. */
  readonly tests: readonly Named<ToxresultEntry>[]
}

export interface Named<V> {
  readonly name: string
  readonly value: V
}

/** Files that are read at once; of a project with more, those that its newest release has may lie behind them. */
const MOST_FILES = 5000

/** Reads the contents of the projects that are asked for, `all` of the index's or some. */
export async function openIndexContents(
  tx: ReadTransaction,
  index: IndexName,
  all: boolean,
): Promise<(project: ProjectName) => Promise<ProjectContents>> {
  const files = all ? await tx.list(keys.filesOfIndex(index), { limit: MOST_FILES }) : []
  if (!all || files.length === MOST_FILES) return (project) => readOne(tx, index, project)
  const versions = await tx.listNames(keys.versionsOfIndex(index))
  const docs = await tx.listNames(keys.docsOfIndex(index))
  const filesOf = groupEntries(files)
  const testsOf = groupEntries(await tx.list(keys.toxresultsOfIndex(index)))
  const [versionsOf, docsOf] = [groupNames(versions), groupNames(docs)]
  return (project) =>
    Promise.resolve({
      files: filesOf.get(project) ?? [],
      versions: versionsOf.get(project) ?? [],
      docs: docsOf.get(project) ?? [],
      tests: testsOf.get(project) ?? [],
    })
}

async function readOne(
  tx: ReadTransaction,
  index: IndexName,
  project: ProjectName,
): Promise<ProjectContents> {
  const some = <V>(range: KeyRange<V>) => tx.list(range, { limit: MOST_FILES })
  return {
    files: await some(keys.files(index, project)),
    versions: await tx.listNames(keys.versions(index, project)),
    docs: await tx.listNames(keys.docsOf(index, project)),
    tests: await some(keys.toxresults(index, project)),
  }
}

/** By the first part of their names, which is left off. */
function groupEntries<V>(entries: readonly ListedEntry<V>[]): Map<string, Named<V>[]> {
  const groups = new Map<string, Named<V>[]>()
  for (const { name, value } of entries) add(groups, name, (rest) => ({ name: rest, value }))
  return groups
}

function groupNames(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const name of names) add(groups, name, (rest) => rest)
  return groups
}

function add<T>(groups: Map<string, T[]>, name: string, make: (rest: string) => T): void {
  const slash = name.indexOf('/')
  const [project, rest] = [name.slice(0, slash), make(name.slice(slash + 1))]
  const group = groups.get(project)
  if (group) group.push(rest)
  else groups.set(project, [rest])
}
