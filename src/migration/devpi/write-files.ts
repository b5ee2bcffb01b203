/** The files of an export go into the store, a few at a time, and their entries into the ledger. */
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobStore } from '#blobs/blob-store'
import type { Key } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import type { WriteTransaction } from '#ledger/transaction'
import { normalizeLoosely, type ProjectName } from '#python/name'
import { readArchiveFacts } from '#registry/archive-facts'
import type { FileEntry } from '#registry/files'
import type { IndexEntry } from '#registry/indexes'
import { keys } from '#registry/keys'
import { removeRange } from '#registry/remove-range'
import { setIfOther, type Write } from '../portions.ts'
import type { Problems } from '../problems.ts'
import { isHere, keepBlob, NoFile, stageFile } from '../take-file.ts'
import { readFileDesc, type FileDesc } from './file-desc.ts'
import { HashCheck } from './hash-check.ts'
import {
  docsEntry,
  mirrorFileEntry,
  stageFileEntry,
  toxresultEntry,
  versionInName,
  type FileFacts,
  type FilePlaceFacts,
} from './file-entry.ts'
import { isSegment } from './release-entry.ts'

/** What a mirror's releases say of their files. */
export interface MirroredRelease {
  readonly requiresPython: string | undefined
  readonly yanked: true | string | undefined
}

export interface FileWriterNeeds {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  readonly actor: string
  readonly folder: string
  readonly hardLinks: boolean
  readonly now: number
  readonly indexes: ReadonlyMap<string, IndexEntry>
  /** By `INDEX PROJECT VERSION`. */
  readonly mirrored: ReadonlyMap<string, MirroredRelease>
  readonly problems: Problems
  readonly notes: string[]
  /** Gets the path of every key that the export has. */
  readonly seen: Set<string>
}

export interface Prepared {
  readonly outcome: 'added' | 'here' | 'failed'
  readonly write?: Write
}

interface Place {
  readonly index: string
  readonly entry: IndexEntry
  readonly project: ProjectName
  readonly desc: FileDesc
}

/** Each file is prepared by itself, with others; what is then to be written stays in the order of the export. */
export class FileWriter {
  readonly #needs: FileWriterNeeds

  constructor(needs: FileWriterNeeds) {
    this.#needs = needs
  }

  async prepare(index: string, value: unknown): Promise<Prepared> {
    const { indexes, problems } = this.#needs
    const desc = readFileDesc(value)
    const entry = indexes.get(index)
    if (typeof desc === 'string' || !entry) return { outcome: 'failed' } // the survey has told so
    const project = normalizeLoosely(desc.projectname)
    try {
      return await this.#take({ index, entry, project, desc })
    } catch (error) {
      problems.add(desc.relpath, reasonOf(error))
      return { outcome: 'failed' }
    }
  }

  async #take({ index, entry, project, desc }: Place): Promise<Prepared> {
    const { ledger, blobs, folder, seen, notes } = this.#needs
    const version = await this.#versionOf(index, project, desc)
    const key = keyOf(index, project, { desc, version })
    assertMirrored(entry, desc)
    if (seen.has(key.path) && desc.type !== 'doczip') {
      notes.push(`${desc.relpath}: ${index} has another file of this name; it was left out`)
      return { outcome: 'here' }
    }
    seen.add(key.path)
    const path = join(folder, desc.relpath)
    const known = await ledger.read((tx) => tx.get(key))
    const expected = desc.hashes.sha256
    if (known && expected !== undefined && known.digest === expected) {
      const { size } = await lstat(path)
      if (await isHere(blobs, expected, size)) return { outcome: 'here' }
    }
    const facts = await this.#stage(path, desc)
    const place = { index, project, version, now: this.#needs.now }
    return {
      outcome: 'added',
      write: (tx) => this.#set(tx, { key, place, entry, desc, facts }),
    }
  }

  async #stage(path: string, desc: FileDesc): Promise<FileFacts> {
    const { blobs, hardLinks } = this.#needs
    const check = new HashCheck(desc.hashes)
    await using staged = await stageFile(blobs, path, {
      hardLinks,
      tap: (chunk) => check.update(chunk),
    })
    const problem = check.findProblem(staged.digest)
    if (problem !== undefined) throw new Unfit(problem)
    const isRelease = desc.type === 'releasefile'
    const archive = await readArchiveFacts(staged.path, isRelease ? desc.filename : '')
    const { digest, size } = staged
    await keepBlob(blobs, staged)
    return { digest, size, archive }
  }

  async #set(tx: WriteTransaction, { key, place, entry, desc, facts }: Placed): Promise<void> {
    const { index, project, version } = place
    const release = await tx.get(keys.version(index, project, version))
    const asks = release?.requires_python
    const requiresPython = typeof asks === 'string' && asks !== '' ? asks : undefined
    const full: FilePlaceFacts = { ...place, requiresPython }
    if (desc.type === 'doczip') await setIfOther(tx, key, docsEntry(desc, facts, full))
    else if (desc.type === 'toxresult') {
      const tested = keys.file(index, project, desc.testedFilename ?? '')
      if (await tx.get(tested)) await setIfOther(tx, key, toxresultEntry(desc, facts, full))
      else this.#needs.problems.add(desc.relpath, 'the file that was tested is not on the index')
    } else await this.#setFile(tx, { key, entry, desc, facts, full })
  }

  async #setFile(tx: WriteTransaction, { key, entry, desc, facts, full }: PlacedFile) {
    const { index, project, version } = full
    const before = (await tx.get(key)) as FileEntry | undefined
    // Results tell of other bytes.
    if (before && before.digest !== facts.digest) {
      await removeRange(tx, keys.toxresultsOfFile({ index, project, filename: desc.filename }))
    }
    if (entry.type === 'stage') {
      await setIfOther(tx, key, stageFileEntry(desc, facts, full))
      return
    }
    const told = this.#needs.mirrored.get(`${index} ${project} ${version}`)
    const more = { requiresPython: told?.requiresPython, yanked: told?.yanked }
    await setIfOther(tx, key, mirrorFileEntry(desc, facts, { ...full, ...more }))
  }

  /** Dumps of version 1 have it in the file's name alone, where `_` may stand for `-`. */
  async #versionOf(index: string, project: ProjectName, desc: FileDesc): Promise<string> {
    const version = desc.version ?? (await this.#guessVersion(index, project, desc.filename))
    if (version === undefined || !isSegment(version)) throw new Unfit('its version is not known')
    return version
  }

  async #guessVersion(index: string, project: ProjectName, filename: string) {
    const text = versionInName(filename, project)
    if (text === undefined) return undefined
    const { ledger } = this.#needs
    const names = [text, text.replaceAll('_', '-')]
    for (const name of names) {
      const key = keys.version(index, project, name)
      if (isSegment(name) && (await ledger.read((tx) => tx.get(key)))) return name
    }
    return text
  }
}

type AnyKey = Key<{ readonly digest?: string | undefined }>

interface Placed {
  readonly key: AnyKey
  readonly place: Omit<FilePlaceFacts, 'requiresPython'>
  readonly entry: IndexEntry
  readonly desc: FileDesc
  readonly facts: FileFacts
}

interface PlacedFile extends Omit<Placed, 'place'> {
  readonly full: FilePlaceFacts
}

function keyOf(
  index: string,
  project: ProjectName,
  { desc, version }: { desc: FileDesc; version: string },
): AnyKey {
  const { type, filename, testedFilename = '' } = desc
  if (type === 'doczip') return keys.docs(index, project, version)
  if (type === 'releasefile') return keys.file(index, project, filename)
  if (testedFilename === '') throw new Unfit('it does not say which file was tested')
  return keys.toxresult({ index, project, filename: testedFilename }, filename)
}

/** A mirrored file has an address upstream, and nothing else is there of mirrors. */
function assertMirrored({ type }: IndexEntry, desc: FileDesc): void {
  if (type === 'stage') return
  if (desc.type !== 'releasefile') throw new Unfit(`mirrors have no ${desc.type}`)
  if (!/^https?:$/.test(URL.parse(desc.url ?? '')?.protocol ?? '')) {
    throw new Unfit('it is mirrored, and has no url')
  }
}

/** Why a file is not taken. */
class Unfit extends Error {}

function reasonOf(error: unknown): string {
  if (error instanceof Unfit) return error.message
  if (error instanceof NoFile) return 'it is no file'
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'the file is missing'
  if (code === 'ELOOP') return 'it is a symbolic link'
  if (code === 'EXDEV') {
    return 'a hard link to it is not possible: export and data folder are not on the same file system'
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EISDIR') return (error as Error).message
  throw error
}
