/** The first look at an export: all of it is read, nothing is written. What is wrong with it is told together. */
import { lstatSync, realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { normalizeLoosely } from '#python/name'
import { findCycles } from '#registry/inheritance-cycles'
import type { IndexEntry } from '#registry/indexes'
import { isAllowedName } from '#registry/names'
import type { UserEntry } from '#registry/users'
import { BrokenJson } from '../json-stream.ts'
import { Problems, Unusable } from '../problems.ts'
import { DATA_INDEX, readExport, type ExportItem } from './export-reader.ts'
import { readFileDesc } from './file-desc.ts'
import { isKnownType, translateIndex } from './index-entry.ts'
import { readVersionData } from './release-entry.ts'
import { isRecord, translateUser } from './user-entry.ts'

export interface SurveyOptions {
  /** Indexes of these types, which Wheelyard does not have, are left out. */
  readonly skipTypes: readonly string[]
  /** Left out whatever the export has. */
  readonly noRootPypi: boolean
  /** Files that are missing are passed over. */
  readonly skipBroken: boolean
}

export interface Survey {
  readonly users: ReadonlyMap<string, UserEntry>
  readonly indexes: ReadonlyMap<string, IndexEntry>
  readonly files: number
  readonly bytes: number
  readonly releases: number
  /** What will be left out, in sentences. */
  readonly notes: readonly string[]
}

/** Throws `Unusable`. */
export async function surveyExport(folder: string, options: SurveyOptions): Promise<Survey> {
  const path = join(folder, DATA_INDEX)
  const isThere = lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  if (!isThere) {
    throw new Unusable(
      `${folder} has no ${DATA_INDEX}: it is no export of devpi's, or one that was not finished.`,
    )
  }
  const look = new Look(folder, options)
  try {
    for await (const item of readExport(path, KINDS)) look.at(item)
  } catch (error) {
    if (!(error instanceof BrokenJson)) throw error
    throw new Unusable(`${path} is broken: ${error.message}.`)
  }
  return look.finish()
}

const KINDS = ['dumpversion', 'user', 'index', 'config', 'project', 'version', 'file'] as const

/** Every one is there: more notes of one kind are only counted. */
const MOST_NOTES = 1000

class Look {
  readonly #folder: string
  readonly #root: string
  readonly #options: SurveyOptions
  readonly #problems = new Problems()
  readonly #notes: string[] = []
  readonly #users = new Map<string, UserEntry>()
  readonly #indexes = new Map<string, IndexEntry>()
  readonly #named = new Set<string>()
  readonly #skipped = new Set<string>()
  /** Of the index that is read: those with releases, and those with files. */
  #projects = new Set<string>()
  #withFiles = new Set<string>()
  #index = ''
  #folderSeen = ''
  #isInside = false
  #dumpversion: unknown
  #files = 0
  #bytes = 0
  #releases = 0

  constructor(folder: string, options: SurveyOptions) {
    this.#folder = folder
    this.#root = realpathSync(folder)
    this.#options = options
  }

  at(item: ExportItem): void {
    switch (item.kind) {
      case 'dumpversion':
        this.#dumpversion = item.value
        break
      case 'user':
        this.#lookAtUser(item.user, item.value)
        break
      case 'index':
        this.#endIndex()
        this.#index = item.index
        this.#named.add(item.index)
        break
      case 'config':
        this.#lookAtConfig(item.index, item.value)
        break
      case 'project':
        this.#projects.add(normalizeLoosely(item.project))
        break
      case 'version':
        this.#lookAtVersion(item)
        break
      case 'file':
        this.#lookAtFile(item)
    }
  }

  finish(): Survey {
    this.#endIndex()
    const { skipTypes, noRootPypi } = this.#options
    const version = String(this.#dumpversion)
    if (version !== '1' && version !== '2') {
      const said = this.#dumpversion === undefined ? 'names none' : `has ${version}`
      throw new Unusable(`This export ${said}; dump versions 1 and 2 are known (dumpversion).`)
    }
    for (const index of this.#named) {
      if (!this.#indexes.has(index) && !this.#skipped.has(index)) {
        this.#problems.add(`index ${index}`, 'it has no indexconfig')
      }
      const user = index.slice(0, index.indexOf('/'))
      if (!this.#users.has(user)) this.#problems.add(`index ${index}`, `there is no user ${user}`)
    }
    this.#lookAtBases()
    if (this.#problems.count > 0) {
      throw new Unusable('The export cannot be taken over as it is.', this.#problems)
    }
    if (noRootPypi) this.#indexes.delete('root/pypi')
    for (const index of this.#skipped) {
      this.#note(
        `index ${index}: left out, as its type was to be skipped (${skipTypes.join(', ')})`,
      )
    }
    return {
      users: this.#users,
      indexes: this.#indexes,
      files: this.#files,
      bytes: this.#bytes,
      releases: this.#releases,
      notes: this.#notes,
    }
  }

  #note(...notes: readonly string[]): void {
    for (const note of notes) if (this.#notes.length < MOST_NOTES) this.#notes.push(note)
  }

  #lookAtUser(user: string, value: unknown): void {
    if (!isAllowedName(user)) this.#problems.add(`user ${user}`, 'no user can be called so')
    else if (!isRecord(value)) this.#problems.add(`user ${user}`, 'it is no object')
    else {
      const { entry, notes } = translateUser(user, value)
      this.#users.set(user, entry)
      this.#note(...notes)
    }
  }

  #lookAtConfig(index: string, value: unknown): void {
    const [user = '', name = '', ...more] = index.split('/')
    if (more.length > 0 || !isAllowedName(user) || !isAllowedName(name)) {
      this.#problems.add(`index ${index}`, 'no index can be called so')
    }
    const type = isRecord(value) ? value.type : undefined
    if (type !== undefined && !isKnownType(type)) {
      if (typeof type === 'string' && this.#options.skipTypes.includes(type))
        this.#skipped.add(index)
      else {
        const why = `its type ${JSON.stringify(type)} is not known here; --skip-import-type leaves it out`
        this.#problems.add(`index ${index}`, why)
        this.#skipped.add(index)
      }
      return
    }
    const translated = translateIndex(index, value)
    if ('problem' in translated) {
      this.#problems.add(`index ${index}`, translated.problem)
      this.#skipped.add(index)
      return
    }
    this.#indexes.set(index, translated.entry)
    this.#note(...translated.notes)
  }

  #lookAtVersion(item: ExportItem & { kind: 'version' }): void {
    this.#releases++
    const found = readVersionData(item.project, item.version, item.value)
    if (typeof found !== 'string') return
    this.#problems.add(`${item.index}: ${item.project} ${item.version}`, found)
  }

  #lookAtFile({ index, at, value }: ExportItem & { kind: 'file' }): void {
    const desc = readFileDesc(value)
    if (typeof desc === 'string') {
      this.#problems.add(`${index}: file number ${at + 1}`, desc)
      return
    }
    this.#withFiles.add(normalizeLoosely(desc.projectname))
    const problem = this.#lookAtPath(desc.relpath)
    if (typeof problem === 'number') {
      this.#files++
      this.#bytes += problem
    } else if (!this.#options.skipBroken) this.#problems.add(desc.relpath, problem)
    else this.#note(`${desc.relpath}: ${problem}; it is passed over`)
  }

  /** Its size, or what is wrong. */
  #lookAtPath(relpath: string): number | string {
    const path = join(this.#folder, relpath)
    const facts = lstatSync(path, { throwIfNoEntry: false })
    if (!facts) return 'the file is missing'
    if (facts.isSymbolicLink()) return 'it is a symbolic link'
    if (!facts.isFile()) return 'it is no file'
    const above = dirname(path)
    if (above !== this.#folderSeen) {
      this.#folderSeen = above
      this.#isInside = realpathSync(above).startsWith(this.#root + sep)
    }
    return this.#isInside ? facts.size : 'its path leads out of the export through a link'
  }

  #endIndex(): void {
    for (const project of this.#withFiles) {
      if (this.#projects.has(project)) continue
      this.#problems.add(
        `${this.#index}: ${project}`,
        'it has files, and is not among the projects',
      )
    }
    this.#projects = new Set()
    this.#withFiles = new Set()
  }

  #lookAtBases(): void {
    const edges = [...this.#indexes].flatMap(([index, entry]) =>
      entry.type === 'stage' ? entry.bases.map((base, order) => ({ index, base, order })) : [],
    )
    for (const cycle of findCycles([...this.#indexes.keys()], edges)) {
      if (cycle.length > 1) {
        this.#problems.add(cycle.join(', '), 'these indexes inherit from each other in a circle')
      }
    }
    const missing = new Set(edges.map(({ base }) => base).filter((base) => !this.#named.has(base)))
    for (const base of missing) this.#note(`index ${base}: it is a base of others, and not there`)
  }
}
