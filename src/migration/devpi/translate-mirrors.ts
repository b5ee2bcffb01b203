/** The pages that a mirror of devpi has kept, as ours: one key for each link. */
import { isDeepStrictEqual } from 'node:util'
import type { WriteTransaction } from '#ledger/transaction'
import { distributionVersion } from '#python/filename'
import { fileFolder } from '#registry/file-path'
import type { FileEntry } from '#registry/files'
import type { IndexName, MirrorEntry } from '#registry/indexes'
import { keys } from '#registry/keys'
import { withoutCredentials } from '#registry/option-values'
import {
  digestIn,
  hashesInFolder,
  hashesOf,
  lastModified,
  readHashSpec,
  readRelpath,
} from './file-facts.ts'
import { devpiKeys } from './keys.ts'
import { removeProject, wish, type FileWishes } from './translate-files.ts'
import { asDict, asList, asText, type PythonDict, type PythonValue } from './values.ts'

export interface PageChange {
  readonly index: IndexName
  readonly mirror: MirrorEntry
  readonly project: string
  readonly value: PythonValue
  /** The entries of files that change with it, by devpi's path. Those used are removed. */
  readonly files: Map<string, PythonDict>
}

/** The links of a page take the place of those known. */
export async function translatePage(
  tx: WriteTransaction,
  wishes: FileWishes,
  change: PageChange,
): Promise<void> {
  const { index, project, mirror } = change
  const page = asDict(change.value)
  const known = new Map<string, FileEntry>()
  for (const { name, value } of await tx.list(keys.files(index, project))) known.set(name, value)
  const links = page ? readLinks(page, change) : undefined
  if (!page || !links) {
    for (const [filename, entry] of known) unlist(tx, index, filename, entry)
    return removeProject(tx, index, project)
  }
  const serial = page.get('serial')
  tx.set(keys.project(index, project), {
    name: project,
    upstream: {
      from: withoutCredentials(mirror.mirror_url ?? '').replace(/\/*$/, '/'),
      fingerprint: '',
      ...(typeof serial === 'number' && serial > 0 && { lastSerial: serial }),
    },
  })
  const listed = new Set<string>()
  for (const link of links) {
    if (listed.has(link.filename)) continue
    if (await setLink(tx, wishes, change, link, known.get(link.filename))) listed.add(link.filename)
  }
  for (const [filename, entry] of known) {
    if (listed.has(filename)) continue
    tx.remove(keys.file(index, project, filename))
    unlist(tx, index, filename, entry)
  }
}

interface Link {
  readonly filename: string
  readonly relpath: string
  readonly hashSpec: string
  readonly requiresPython: string | undefined
  readonly yanked: true | string | undefined
}

/** Undefined for a page that says nothing: a cleared one, or one of a project that upstream lacks. */
function readLinks(page: PythonDict, { index }: PageChange): Link[] | undefined {
  const pairs = page.get('links')
  if (!Array.isArray(pairs)) return undefined
  const [requires, yanks] = [asList(page.get('requires_python')), asList(page.get('yanked'))]
  return pairs.flatMap((pair, place) => {
    const [filename, href] = asList(pair)
    if (typeof filename !== 'string' || typeof href !== 'string') return []
    const hash = href.indexOf('#')
    const relpath = hash === -1 ? href : href.slice(0, hash)
    const path = readRelpath(relpath)
    if (path?.index !== index || path.filename !== filename) return []
    const yanked = yanks[place]
    return {
      ...{ filename, relpath, hashSpec: hash === -1 ? '' : href.slice(hash + 1) },
      requiresPython: asText(requires[place]) || undefined,
      yanked: yanked === true || yanked === '' ? true : asText(yanked),
    }
  })
}

/** Returns whether it is a link of the project that leads somewhere. */
async function setLink(
  tx: WriteTransaction,
  wishes: FileWishes,
  { index, project, files }: PageChange,
  link: Link,
  known: FileEntry | undefined,
): Promise<boolean> {
  const { filename, relpath } = link
  const version = distributionVersion(filename, project)
  const folder = readRelpath(relpath)?.folder ?? ''
  const isKnown = known !== undefined && fileFolder(known) === folder
  const before = isKnown ? known : await tx.get(devpiKeys.unlisted(relpath))
  const value = files.get(relpath)
  const url = asText(value?.get('url')) ?? before?.upstream?.url
  if (version === undefined || url === undefined) return false
  files.delete(relpath)
  tx.remove(devpiKeys.unlisted(relpath))
  if (known && !isKnown) unlist(tx, index, filename, known)

  const hashes = hashesInFolder(readHashSpec(link.hashSpec), folder)
  const digest = digestIn(hashes) ?? before?.digest
  const { size, metadata, licence, uploadedAt, addedAt } = before ?? {}
  const entry: FileEntry = {
    ...(digest !== undefined && { digest }),
    hashes,
    ...(size !== undefined && { size }),
    version,
    ...(uploadedAt !== undefined && { uploadedAt }),
    addedAt: addedAt ?? tx.time,
    ...(link.requiresPython !== undefined && { requiresPython: link.requiresPython }),
    ...(link.yanked !== undefined && { yanked: link.yanked }),
    ...(metadata !== undefined && { metadata }),
    ...(licence !== undefined && { licence }),
    upstream: { url },
  }
  if (!isDeepStrictEqual(entry, known)) tx.set(keys.file(index, project, filename), entry)
  const isThere = lastModified(value) !== undefined
  if (value && isThere && size === undefined) {
    const file = { index, project, filename }
    wish(tx, wishes, relpath, { rel: 'releasefile', file, hashes: hashesOf(value) })
  }
  return true
}

/** devpi keeps what it knows of a file that its page does not list any more, and does not say it again. */
function unlist(tx: WriteTransaction, index: IndexName, filename: string, entry: FileEntry): void {
  tx.set(devpiKeys.unlisted(`${index}/${fileFolder(entry)}/${filename}`), entry)
}

/** A file of a mirror that changed without its page. */
export async function translateMirrored(
  tx: WriteTransaction,
  wishes: FileWishes,
  relpath: string,
  value: PythonDict,
  listed: { readonly project: string; readonly file: FileEntry } | undefined,
): Promise<void> {
  const path = readRelpath(relpath)
  if (!path) return
  const url = asText(value.get('url'))
  if (!listed) {
    if (url === undefined) return
    const { folder } = path
    const hashes = hashesInFolder(hashesOf(value), folder)
    const version = asText(value.get('version')) ?? ''
    const entry = { hashes, version, addedAt: tx.time, upstream: { url } }
    tx.set(devpiKeys.unlisted(relpath), entry)
    return
  }
  const { file, project } = listed
  if (url !== undefined && url !== file.upstream?.url) {
    tx.set(keys.file(path.index, project, path.filename), { ...file, upstream: { url } })
  }
  if (lastModified(value) === undefined || file.size !== undefined) return
  const place = { index: path.index, project, filename: path.filename }
  wish(tx, wishes, relpath, { rel: 'releasefile', file: place, hashes: hashesOf(value) })
}
