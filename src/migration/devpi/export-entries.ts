/** What an index holds, as devpi's export describes it: metadata by project and version, and files. */
import { setImmediate } from 'node:timers/promises'
import type { KeyRange } from '#ledger/key'
import type { ListedEntry, ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import type { DocsEntry } from '#registry/docs'
import { fileFolder } from '#registry/file-path'
import { modifiedAt, type FileEntry } from '#registry/files'
import { keys } from '#registry/keys'
import { releaseOf } from '#registry/release-links'
import type { ReleaseMetadata } from '#registry/releases'
import type { ToxresultEntry } from '#registry/toxresults'
import type { PlacedFile } from './place-files.ts'

/** Entries that are read in one go. */
const PORTION = 500

export interface Described extends PlacedFile {
  /** As it stands in `dataindex.json`. */
  readonly desc: object
}

/** The versions of each project; projects without any too. */
export async function* listStageProjects(
  tx: ReadTransaction,
  index: string,
): AsyncGenerator<[ProjectName, Readonly<Record<string, ReleaseMetadata>>]> {
  for await (const { name: project } of listAll(tx, keys.projects(index))) {
    const versions = await tx.list(keys.versions(index, project))
    yield [project, Object.fromEntries(versions.map(({ name, value }) => [name, value]))]
  }
}

/** What devpi keeps of a mirror's releases, of those with files that are here. */
export async function* listMirroredProjects(
  tx: ReadTransaction,
  index: string,
): AsyncGenerator<[ProjectName, object]> {
  for await (const { name: project } of listAll(tx, keys.projects(index))) {
    const versions: Record<string, object> = {}
    for (const { value } of await tx.list(keys.files(index, project))) {
      if (value.digest === undefined || value.size === undefined) continue
      const version = releaseOf(value)
      versions[version] = {
        name: project,
        version,
        requires_python: value.requiresPython ?? null,
        yanked: value.yanked ?? null,
      }
    }
    yield [project, versions]
  }
}

export async function* listFiles(tx: ReadTransaction, index: string): AsyncGenerator<Described> {
  for await (const { name, value } of listAll(tx, keys.filesOfIndex(index))) {
    if (value.digest === undefined) continue
    yield describeFile(index, splitName(name), value)
  }
}

/** Results of files that are there, and documentation. */
export async function* listMore(tx: ReadTransaction, index: string): AsyncGenerator<Described> {
  for await (const { name, value } of listAll(tx, keys.toxresultsOfIndex(index))) {
    const [project = '', filename = '', result = ''] = name.split('/')
    const file = await tx.get(keys.file(index, project, filename))
    if (file) yield describeResult(index, { project, filename, result, file }, value)
  }
  for await (const { name, value } of listAll(tx, keys.docsOfIndex(index))) {
    yield describeDocs(index, splitName(name), value)
  }
}

type Named = readonly [project: ProjectName, name: string]

function splitName(name: string): Named {
  const slash = name.indexOf('/')
  return [name.slice(0, slash), name.slice(slash + 1)]
}

function describeFile(index: string, [project, filename]: Named, file: FileEntry): Described {
  const version = releaseOf(file)
  const digest = file.digest ?? ''
  const relpath = `${index}/${project}/${version}/${filename}`
  const at = modifiedAt(file)
  const hashes = { ...file.hashes, sha256: digest }
  const entrymapping = {
    ...(file.upstream && { url: file.upstream.url }),
    ...mapping(at, hashes),
    ...{ project, version },
  }
  const desc = {
    ...{ version, entrymapping, log: file.log ?? [], type: 'releasefile' },
    ...{ projectname: project, relpath },
  }
  return { relpath, digest, modifiedAt: at, desc }
}

interface Result {
  readonly project: ProjectName
  readonly filename: string
  readonly result: string
  readonly file: FileEntry
}

function describeResult(
  index: string,
  { project, filename, result, file }: Result,
  { digest, addedAt, log }: ToxresultEntry,
): Described {
  const version = releaseOf(file)
  const relpath = `${index}/${project}/sha256=${file.digest}/${result}`
  const desc = {
    ...{ version, entrymapping: mapping(addedAt, { sha256: digest }), log, type: 'toxresult' },
    for_entrypath: `${index}/${fileFolder(file)}/${filename}`,
    ...{ projectname: project, relpath },
  }
  return { relpath, digest, modifiedAt: addedAt, desc }
}

/** In the folder of its version: two projects can have the same text as name and version with a dash between. */
function describeDocs(
  index: string,
  [project, version]: Named,
  { digest, addedAt, log }: DocsEntry,
): Described {
  const relpath = `${index}/${project}/${version}/${project}-${version}.doc.zip`
  const desc = {
    ...{ version, entrymapping: mapping(addedAt, { sha256: digest }), log, type: 'doczip' },
    ...{ projectname: project, relpath },
  }
  return { relpath, digest, modifiedAt: addedAt, desc }
}

const mapping = (at: number, hashes: Readonly<Record<string, string>>) => ({
  last_modified: new Date(at).toUTCString(),
  hash_spec: `sha256=${hashes.sha256}`,
  hashes,
})

async function* listAll<V>(
  tx: ReadTransaction,
  range: KeyRange<V>,
): AsyncGenerator<ListedEntry<V>> {
  let after: string | undefined
  do {
    const entries = await tx.list(range, { limit: PORTION, ...(after !== undefined && { after }) })
    yield* entries
    after = entries.at(-1)?.path
    await setImmediate()
  } while (after !== undefined)
}
