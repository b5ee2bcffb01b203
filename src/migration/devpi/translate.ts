/**
 * One entry of devpi's changelog as one change of ours. The order of the keys in an entry says nothing, so what must be
 * done first is done first here.
 */
import type { WriteTransaction } from '#ledger/transaction'
import { findFile } from '#registry/file-path'
import { findIndex, type IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { partsOf, type ChangelogEntry, type KeyChange } from './changelog.ts'
import { digestIn, hashesInFolder, hashesOf, lastModified, readRelpath } from './file-facts.ts'
import { isToxresult, removeAt, removeProject, wish, type FileWishes } from './translate-files.ts'
import { translateMirrored, translatePage } from './translate-mirrors.ts'
import { translateRelease } from './translate-releases.ts'
import { translateUser } from './translate-users.ts'
import { asDict, asTexts, type PythonDict, type PythonValue } from './values.ts'

/** Indexes whose lists of projects are kept at hand. */
const MOST_LISTS = 50

export class Translator {
  /** devpi writes the whole list for each new project. */
  readonly #projects = new Map<IndexName, ReadonlySet<string>>()

  /** Nothing of what was translated last has become true. */
  forget(): void {
    this.#projects.clear()
  }

  /** Tells which files are to be fetched, and which no more. */
  async translate(tx: WriteTransaction, { changes }: ChangelogEntry): Promise<FileWishes> {
    const wishes: FileWishes = { wanted: new Map(), unwanted: new Set() }
    const files = new Map<string, PythonDict>()
    const gone: string[] = []
    for (const { relpath, value } of listOf(changes, 'STAGEFILE', 'PYPIFILE_NOMD5')) {
      const entry = asDict(value)
      if (entry && entry.size > 0) files.set(relpath, entry)
      else gone.push(relpath)
    }
    // Results are found by their file.
    gone.sort((a, b) => Number(isToxresult(b)) - Number(isToxresult(a)))
    for (const relpath of gone) await removeAt(tx, wishes, relpath)

    for (const change of listOf(changes, 'USER')) {
      const [user = ''] = partsOf(change) ?? []
      if (user === '') continue
      const removed = await translateUser(tx, user, change.value)
      for (const index of removed) this.#projects.delete(index)
    }
    for (const change of listOf(changes, 'PROJVERSION')) {
      const [index = '', project = '', version = ''] = partsOf(change) ?? []
      if ((await findIndex(tx, index))?.type !== 'stage' || version === '') continue
      await translateRelease(tx, wishes, { index, project, version, value: change.value, files })
    }
    for (const change of listOf(changes, 'PROJNAMES')) {
      const [index = ''] = partsOf(change) ?? []
      if ((await findIndex(tx, index))?.type === 'stage') {
        await this.#translateProjects(tx, index, change.value)
      }
    }
    for (const change of listOf(changes, 'PROJSIMPLELINKS')) {
      const [index = '', project = ''] = partsOf(change) ?? []
      const mirror = await findIndex(tx, index)
      if (mirror?.type !== 'mirror' || project === '') continue
      await translatePage(tx, wishes, { index, mirror, project, value: change.value, files })
    }
    for (const [relpath, value] of files) await translateFile(tx, wishes, relpath, value)
    return wishes
  }

  async #translateProjects(
    tx: WriteTransaction,
    index: IndexName,
    value: PythonValue,
  ): Promise<void> {
    const names = new Set(asTexts(value))
    const before = this.#projects.get(index) ?? new Set(await tx.listNames(keys.projects(index)))
    for (const name of before) if (!names.has(name)) await removeProject(tx, index, name)
    for (const name of names) {
      if (before.has(name) || name === '') continue
      const key = keys.project(index, name)
      if (!(await tx.get(key))) tx.set(key, { name })
    }
    this.#projects.delete(index)
    this.#projects.set(index, names)
    const [oldest] = this.#projects.keys()
    if (this.#projects.size > MOST_LISTS && oldest !== undefined) this.#projects.delete(oldest)
  }
}

const listOf = (changes: readonly KeyChange[], ...keynames: readonly string[]): KeyChange[] =>
  changes.filter(({ keyname }) => keynames.includes(keyname))

/** A file's own entry, where no page or release that names it changed with it, or has said all of it. */
async function translateFile(
  tx: WriteTransaction,
  wishes: FileWishes,
  relpath: string,
  value: PythonDict,
): Promise<void> {
  const path = readRelpath(relpath)
  if (!path || wishes.wanted.has(relpath)) return
  const found = await findFile(tx, path.index, path.folder, path.filename)
  const index = await findIndex(tx, path.index)
  if (index?.type === 'mirror') return translateMirrored(tx, wishes, relpath, value, found)
  if (!found) return // documentation, a result, or a file whose release will name it
  const hashes = hashesOf(value)
  const modified = lastModified(value)
  const { file, project, filename } = found
  const digest = digestIn(hashes) ?? file.digest
  const isSame = digest === file.digest
  tx.set(keys.file(path.index, project, filename), {
    ...file,
    ...(digest !== undefined && { digest }),
    hashes: hashesInFolder(hashes, path.folder),
    ...(modified !== undefined && { modifiedAt: modified }),
  })
  if (isSame && file.size !== undefined) return
  const place = { index: path.index, project, filename }
  wish(tx, wishes, relpath, { rel: 'releasefile', file: place, hashes })
}
