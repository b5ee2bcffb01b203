/** A release of devpi with its links, as ours: metadata, files, test results, documentation. */
import type { WriteTransaction } from '#ledger/transaction'
import { distributionVersion } from '#python/filename'
import type { FileEntry } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { completeMetadata, metadataFieldName, type GivenMetadata } from '#registry/releases'
import {
  digestIn,
  hashesInFolder,
  hashesOf,
  instantOf,
  lastModified,
  readLog,
  readRelpath,
  type FilePath,
  type Hashes,
} from './file-facts.ts'
import { wish, type FileWishes } from './translate-files.ts'
import { asDict, asList, asText, type PythonDict, type PythonValue } from './values.ts'

export interface ReleaseChange {
  readonly index: IndexName
  readonly project: string
  readonly version: string
  readonly value: PythonValue
  /** The entries of files that change with it, by devpi's path. */
  readonly files: ReadonlyMap<string, PythonDict>
}

export async function translateRelease(
  tx: WriteTransaction,
  wishes: FileWishes,
  change: ReleaseChange,
): Promise<void> {
  const { index, project, version } = change
  const fields = asDict(change.value)
  if (!fields || fields.size === 0) {
    tx.remove(keys.version(index, project, version))
    tx.remove(keys.docs(index, project, version))
    return
  }
  if (!(await tx.get(keys.project(index, project)))) {
    tx.set(keys.project(index, project), { name: asText(fields.get('name')) ?? project })
  }
  tx.set(keys.version(index, project, version), completeMetadata(readMetadata(fields)))
  const links = asList(fields.get('+elinks')).flatMap((link) => readLink(asDict(link)) ?? [])
  for (const link of links) {
    if (link.rel === 'releasefile') await setFile(tx, wishes, change, link, fields)
    else if (link.rel === 'toxresult') await setToxresult(tx, wishes, change, link)
  }
  const docs = links.findLast(({ rel }) => rel === 'doczip')
  if (docs) await setDocs(tx, wishes, change, docs)
}

function readMetadata(fields: PythonDict): GivenMetadata {
  const read: Record<string, string | readonly string[]> = {}
  for (const [name, value] of fields) {
    const field = typeof name === 'string' ? metadataFieldName(name) : undefined
    if (field === undefined) continue
    if (typeof value === 'string') read[field] = value.toWellFormed()
    else {
      read[field] = asList(value).flatMap((one) =>
        typeof one === 'string' ? one.toWellFormed() : [],
      )
    }
  }
  return read
}

interface Link {
  readonly rel: string
  readonly relpath: string
  readonly path: FilePath
  readonly hashes: Hashes
  readonly log: NonNullable<FileEntry['log']>
  /** The path of the tested file. */
  readonly of: string | undefined
}

function readLink(link: PythonDict | undefined): Link | undefined {
  const relpath = asText(link?.get('entrypath'))
  const path = relpath === undefined ? undefined : readRelpath(relpath)
  const rel = asText(link?.get('rel'))
  if (!link || relpath === undefined || !path || rel === undefined) return undefined
  const log = readLog(link.get('_log'))
  return { rel, relpath, path, hashes: hashesOf(link), log, of: asText(link.get('for_entrypath')) }
}

/** When its entry was made on this index, as well as that is known. */
const addedAt = (tx: WriteTransaction, { log }: Link, modified: number | undefined): number => {
  const last = log.findLast(({ what }) => what !== 'overwrite')
  return last ? instantOf(last) : (modified ?? tx.time)
}

async function setFile(
  tx: WriteTransaction,
  wishes: FileWishes,
  { index, project, version, files }: ReleaseChange,
  link: Link,
  fields: PythonDict,
): Promise<void> {
  const { filename, folder } = link.path
  const key = keys.file(index, project, filename)
  const before = await tx.get(key)
  const hashes = hashesInFolder(link.hashes, folder)
  const digest = digestIn(link.hashes)
  const isSame = before?.digest === digest && digest !== undefined
  const modified = lastModified(files.get(link.relpath))
  const fileVersion = distributionVersion(filename, project) ?? version
  const sent = link.log.find(({ what }) => what === 'upload')
  const requiresPython = asText(fields.get('requires_python'))
  const kept: Pick<FileEntry, 'size' | 'metadata' | 'licence'> = (isSame && before) || {}
  const { size, metadata, licence } = kept
  tx.set(key, {
    ...(digest !== undefined && { digest }),
    hashes,
    ...(size !== undefined && { size }),
    version: fileVersion,
    ...(version !== fileVersion && { release: version }),
    ...(sent && { uploadedAt: new Date(instantOf(sent)).toISOString() }),
    addedAt: addedAt(tx, link, modified ?? before?.addedAt),
    modifiedAt: modified ?? before?.modifiedAt,
    ...(requiresPython !== undefined && requiresPython !== '' && { requiresPython }),
    ...(metadata !== undefined && { metadata }),
    ...(licence !== undefined && { licence }),
    uploader: link.log.findLast(({ what }) => what !== 'overwrite')?.who ?? undefined,
    log: link.log,
  })
  if (size !== undefined) return
  const file = { index, project, filename }
  wish(tx, wishes, link.relpath, { rel: 'releasefile', file, hashes: link.hashes })
}

async function setToxresult(
  tx: WriteTransaction,
  wishes: FileWishes,
  { index, project, files }: ReleaseChange,
  link: Link,
): Promise<void> {
  const tested = link.of === undefined ? undefined : readRelpath(link.of)
  if (!tested) return
  const file = { index, project, filename: tested.filename }
  const name = link.path.filename
  const key = keys.toxresult(file, name)
  const before = await tx.get(key)
  const entry = {
    addedAt: addedAt(tx, link, lastModified(files.get(link.relpath)) ?? before?.addedAt),
    log: link.log,
  }
  if (before && before.digest === digestIn(link.hashes)) tx.set(key, { ...before, ...entry })
  else wish(tx, wishes, link.relpath, { rel: 'toxresult', file, name, entry, hashes: link.hashes })
}

async function setDocs(
  tx: WriteTransaction,
  wishes: FileWishes,
  { index, project, version, files }: ReleaseChange,
  link: Link,
): Promise<void> {
  const key = keys.docs(index, project, version)
  const before = await tx.get(key)
  const uploader = link.log.findLast(({ what }) => what !== 'overwrite')?.who ?? undefined
  const entry = {
    addedAt: addedAt(tx, link, lastModified(files.get(link.relpath)) ?? before?.addedAt),
    uploader,
    log: link.log,
  }
  const release = { index, project, version }
  if (before && before.digest === digestIn(link.hashes)) tx.set(key, { ...before, ...entry })
  else wish(tx, wishes, link.relpath, { rel: 'doczip', release, entry, hashes: link.hashes })
}
