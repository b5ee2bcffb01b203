/** Writes the search index's file: one process at a time, which holds its lease. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type { ProjectName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import type { IndexedProject, ProjectPlace, Progress, SearchWriter, Stored } from '../backend.ts'
import { nameWords, uniqueWords } from '../words.ts'
import { fileNumber, openForWriting, removeFile } from './sqlite-file.ts'
import { documentId, nameId } from './sqlite-ids.ts'
import { prepareStatements } from './sqlite-statements.ts'

/** Different words of a document that are looked for. */
const MOST_WORDS = 20_000
/** Of the file, written in one portion of tidying. */
const TIDIED_PAGES = 500

/** Another process writes now: what this one was about to write is its business no longer. */
export class LeaseLost extends Error {
  constructor() {
    super('another process writes the search index now')
    this.name = 'LeaseLost'
  }
}

type Row = Record<string, SQLOutputValue>

/** A row of `fts`, kept until the end of a transaction: rows in order are written quickly. */
interface Words {
  readonly id: number
  readonly words: string
}

export class SqliteWriter implements SearchWriter {
  readonly #file: string
  #db: DatabaseSync
  #number: number | undefined
  #statements: ReturnType<typeof prepareStatements>
  #holder: string | undefined
  #sequence = 0
  #words: Words[] = []

  constructor(file: string) {
    this.#file = file
    this.#db = openForWriting(file)
    this.#number = fileNumber(file)
    this.#statements = prepareStatements(this.#db)
  }

  async lease(holder: string, now: number, until: number): Promise<boolean> {
    if (fileNumber(this.#file) !== this.#number) this.#reopen()
    const rows = this.#run('lease', holder, until, holder, now)
    this.#holder = rows.length > 0 ? holder : undefined
    return this.#holder !== undefined
  }

  async beginAnew(): Promise<void> {
    if (this.#db.isOpen) this.#db.close()
    removeFile(this.#file)
    this.#reopen()
  }

  async progress(): Promise<Progress | undefined> {
    const row = this.#get('state')
    if (row?.['serial'] === null || !row) return undefined
    const walk = row['walk']
    return {
      serial: Number(row['serial']),
      hash: String(row['hash']),
      walk: walk === null ? undefined : String(walk),
    }
  }

  async store({ put = [], remove = [], owe = [], progress }: Stored): Promise<void> {
    this.#write(() => {
      for (const place of remove) this.#forgetProject(place)
      for (const project of put) this.#putProject(project)
      for (const { index, project } of owe) this.#run('owe', index, project)
      if (progress) {
        this.#run('setState', progress.serial, progress.hash, progress.walk ?? null)
      }
    })
  }

  async listOwed(): Promise<ProjectPlace[]> {
    return this.#all('listOwed').map((row) => ({
      index: String(row['of_index']),
      project: String(row['project']),
    }))
  }

  async listIndexes(): Promise<IndexName[]> {
    return this.#all('listIndexes').map(({ name }) => String(name))
  }

  async listKnown(index: IndexName, after: string, most: number): Promise<ProjectName[]> {
    return this.#all('listKnown', index, after, most).map(({ name }) => String(name))
  }

  async listListed(index: IndexName, after: string, most: number): Promise<ProjectName[]> {
    return this.#all('listListed', index, after, most).map(({ name }) => String(name))
  }

  async namesToken(index: IndexName): Promise<string | undefined> {
    const token = this.#get('findIndex', index)?.['names_token']
    return typeof token === 'string' ? token : undefined
  }

  async setNamesToken(index: IndexName, token: string | undefined): Promise<void> {
    this.#write(() => this.#run('setNamesToken', token ?? null, this.#indexId(index)))
  }

  async addNames(index: IndexName, names: readonly ProjectName[]): Promise<void> {
    this.#write(() => {
      const ofIndex = this.#indexId(index)
      for (const name of names) {
        const id = nameId(name, this.#sequence++)
        const rows = this.#run('addName', id, ofIndex, name)
        if (rows.length === 0) this.#run('markListed', 1, ofIndex, name)
        else this.#words.push({ id, words: asWords(name.split('-')) })
      }
    })
  }

  async removeNames(index: IndexName, names: readonly ProjectName[]): Promise<void> {
    this.#write(() => {
      const ofIndex = this.#indexId(index)
      for (const name of names) {
        this.#run('markListed', 0, ofIndex, name)
        this.#removeUnwanted(ofIndex, name)
      }
    })
  }

  async removeSome(index: IndexName, most: number): Promise<boolean> {
    return this.#write(() => {
      const ofIndex = this.#get('findIndex', index)?.['id']
      if (ofIndex === undefined) return false
      const rows = this.#all('listSome', Number(ofIndex), most)
      for (const { id } of rows) this.#removeRow(Number(id))
      if (rows.length === 0) this.#run('removeIndex', Number(ofIndex))
      return rows.length > 0
    })
  }

  async isRebuildWanted(): Promise<boolean> {
    return this.#get('state')?.['wants_rebuild'] === 1
  }

  /** Anybody may wish. */
  async wantRebuild(): Promise<void> {
    this.#run('wantRebuild', 1)
  }

  async forgetRebuild(): Promise<void> {
    this.#write(() => {
      this.#run('wantRebuild', 0)
      this.#run('forgetTokens')
    })
  }

  async tidy(step: 'begin' | 'go on'): Promise<boolean> {
    return this.#write(() => {
      const before = this.#totalChanges()
      // A negative number begins to merge all that is there into one, as SQLite's documentation of FTS5 says (section 6.8).
      this.#run('merge', step === 'begin' ? -TIDIED_PAGES : TIDIED_PAGES)
      // The command itself counts as one.
      return this.#totalChanges() - before > 1
    })
  }

  async close(): Promise<void> {
    if (!this.#db.isOpen) return
    if (this.#holder !== undefined) this.#run('release', this.#holder)
    this.#holder = undefined
    this.#db.close()
  }

  #totalChanges(): number {
    return Number(this.#get('totalChanges')?.['total'])
  }

  #reopen(): void {
    if (this.#db.isOpen) this.#db.close()
    this.#db = openForWriting(this.#file)
    this.#number = fileNumber(this.#file)
    this.#statements = prepareStatements(this.#db)
  }

  #write<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE')
    this.#words = []
    try {
      const state = this.#get('state')
      if (state?.['holder'] !== this.#holder) throw new LeaseLost()
      this.#sequence = Number(state?.['sequence'])
      const result = work()
      for (const { id, words } of this.#words.sort((a, b) => a.id - b.id)) {
        this.#run('addWords', id, words)
      }
      this.#run('setSequence', this.#sequence)
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    } finally {
      this.#words = []
    }
  }

  #putProject(place: IndexedProject): void {
    const { index, project, spelling, version, docsVersion, summary, serial, documents } = place
    const ofIndex = this.#indexId(index)
    const present = this.#get('findProject', ofIndex, project)
    const owner = present ? Number(present['id']) : nameId(project, this.#sequence++)
    if (present) {
      this.#removeTexts(owner)
      this.#run('removeWords', owner)
    } else this.#run('addProject', owner, ofIndex, project)
    this.#run(
      'setProject',
      ...[serial, spelling, version ?? null, docsVersion ?? null, summary, owner],
    )
    this.#words.push({ id: owner, words: asWords(nameWords(project, spelling)) })
    for (const field of ['classifiers', 'keywords'] as const) {
      for (const value of new Set(place[field])) this.#run('addTag', field, value, owner)
    }
    for (const { type, text, title, path } of documents) {
      const id = documentId(type, this.#sequence++)
      this.#run('addDocument', id, owner, title ?? null, path ?? null, text)
      this.#words.push({ id, words: asWords(uniqueWords(text, MOST_WORDS)) })
    }
    this.#run('pay', index, project)
  }

  /** The ledger has it no longer; upstream may still list it. */
  #forgetProject({ index, project }: ProjectPlace): void {
    this.#run('pay', index, project)
    const ofIndex = this.#get('findIndex', index)?.['id']
    const owner = ofIndex === undefined ? undefined : this.#get('findProject', ofIndex, project)
    if (!owner) return
    this.#removeTexts(Number(owner['id']))
    this.#run('unknow', Number(owner['id']))
    this.#removeUnwanted(Number(ofIndex), project)
  }

  #removeUnwanted(ofIndex: number, project: ProjectName): void {
    const row = this.#get('findProject', ofIndex, project)
    if (row && row['is_known'] === 0 && row['is_listed'] === 0) this.#removeRow(Number(row['id']))
  }

  #removeRow(owner: number): void {
    this.#removeTexts(owner)
    this.#run('removeWords', owner)
    this.#run('removeProject', owner)
  }

  #removeTexts(owner: number): void {
    for (const { id } of this.#all('listDocuments', owner)) this.#run('removeWords', Number(id))
    this.#run('removeDocuments', owner)
    this.#run('removeTags', owner)
  }

  #indexId(index: IndexName): number {
    const row = this.#get('findIndex', index) ?? this.#get('addIndex', index)
    return Number(row?.['id'])
  }

  /** Not by `run`: it tells the last row of what the full text search keeps inside, whose numbers are beyond numbers. */
  #run(name: StatementName, ...values: Value[]): Row[] {
    return this.#all(name, ...values)
  }

  #get(name: StatementName, ...values: Value[]): Row | undefined {
    return this.#statements[name].get(...values)
  }

  #all(name: StatementName, ...values: Value[]): Row[] {
    return this.#statements[name].all(...values)
  }
}

type StatementName = keyof ReturnType<typeof prepareStatements>
type Value = SQLInputValue

const asWords = (words: Iterable<string>): string => ` ${[...words].join(' ')} `
