/** Finds in the search index's file, whatever is being written to it meanwhile. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type { ProjectName } from '#python/name'
import type {
  Candidate,
  Counts,
  IndexedDocument,
  ProjectFacts,
  SearchReader,
  Similar,
  Standing,
  Wanted,
} from '../backend.ts'
import { compileQuery, inIndexes, type Conditions, type IndexRow } from './sqlite-conditions.ts'
import { fileNumber, openForReading } from './sqlite-file.ts'
import { FIRST_TEXT, namesBetween, typeOf } from './sqlite-ids.ts'

export class SqliteReader implements SearchReader {
  readonly #file: string
  #db: DatabaseSync | undefined
  #number: number | undefined

  constructor(file: string) {
    this.#file = file
  }

  async find({ node, fit, among, indexes, most }: Wanted): Promise<Candidate[]> {
    const rows = this.#listIndexes()
    const readable = new Set(indexes)
    const allowed = rows.filter(({ name }) => readable.has(name))
    if (allowed.length === 0) return []
    const conditions = compileQuery(node, { fit, among, indexes: allowed })
    const sources = allowed.length === rows.length ? undefined : inIndexes(allowed)
    const { sql, values } = among === 'names' ? namesSql(conditions) : textsSql(conditions)
    const where = sources ? ` AND ${sources.sql}` : ''
    const found = this.#rows(`${sql}${where} ORDER BY 1 LIMIT ?`, [
      ...values,
      ...(sources?.values ?? []),
      most,
    ])
    const names = new Map(allowed.map(({ id, name }) => [id, name]))
    return found.map(([id, owner, index, project, isKnown]) => ({
      id: Number(id),
      type: typeOf(Number(id)),
      owner: Number(owner),
      index: names.get(Number(index)) ?? '',
      project: String(project),
      isKnown: isKnown === 1,
    }))
  }

  async readTexts(
    ids: readonly number[],
    characters = Number.MAX_SAFE_INTEGER,
  ): Promise<Map<number, Omit<IndexedDocument, 'type'>>> {
    const rows = this.#all(
      `SELECT id, title, path, substr(text, 1, ?) AS text FROM document
       WHERE id IN (SELECT value FROM json_each(?))`,
      [characters, JSON.stringify(ids)],
    )
    return new Map(
      rows.map(({ id, title, path, text }) => [
        Number(id),
        { title: textOf(title), path: textOf(path), text: String(text) },
      ]),
    )
  }

  async readProjects(owners: readonly number[]): Promise<Map<number, ProjectFacts>> {
    const rows = this.#all(
      `SELECT id, name, spelling, version, docs_version, summary FROM project
       WHERE id IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(owners)],
    )
    return new Map(
      rows.map((row) => [
        Number(row['id']),
        {
          spelling: textOf(row['spelling']) ?? String(row['name']),
          version: textOf(row['version']),
          docsVersion: textOf(row['docs_version']),
          summary: textOf(row['summary']) ?? '',
        },
      ]),
    )
  }

  async findSimilar({ pieces, shortest, longest, indexes, most }: Similar): Promise<ProjectName[]> {
    const readable = new Set(indexes)
    const allowed = inIndexes(this.#listIndexes().filter(({ name }) => readable.has(name)))
    const match = pieces.map((piece) => `"${piece.replaceAll('"', '""')}"`).join(' OR ')
    const rows = this.#all(
      `SELECT p.name FROM fts f JOIN project p ON p.id = f.rowid
       WHERE f.fts MATCH ? AND f.rowid >= ? AND f.rowid < ? AND ${allowed.sql} LIMIT ?`,
      [match, ...namesBetween(shortest, longest), ...allowed.values, most],
    )
    return [...new Set(rows.map(({ name }) => String(name)))]
  }

  async standing(): Promise<Standing | undefined> {
    const [row] = this.#all(
      `SELECT serial, walk, (SELECT count(*) FROM owed) AS owed FROM state
       WHERE serial IS NOT NULL`,
      [],
    )
    if (!row) return undefined
    return {
      serial: Number(row['serial']),
      isWalking: row['walk'] !== null,
      owed: Number(row['owed']),
    }
  }

  async counts(): Promise<Counts> {
    const [row] = this.#all(
      `SELECT (SELECT count(*) FROM project) AS projects,
       (SELECT count(*) FROM document) AS documents`,
      [],
    )
    return { projects: Number(row?.['projects'] ?? 0), documents: Number(row?.['documents'] ?? 0) }
  }

  async close(): Promise<void> {
    this.#db?.close()
    this.#db = undefined
  }

  #listIndexes(): IndexRow[] {
    const rows = this.#all('SELECT id, name FROM of_index', [])
    return rows.map(({ id, name }) => ({ id: Number(id), name: String(name) }))
  }

  /** As `#all`, for many: each row is a list of its columns. */
  #rows(sql: string, values: readonly SQLInputValue[]): SQLOutputValue[][] {
    this.#reopen()
    const statement = this.#db?.prepare(sql)
    statement?.setReturnArrays(true)
    return (statement?.all(...values) ?? []) as unknown as SQLOutputValue[][]
  }

  /** Nothing while there is no file. */
  #all(sql: string, values: readonly SQLInputValue[]) {
    this.#reopen()
    return this.#db?.prepare(sql).all(...values) ?? []
  }

  /** The file may have been taken away, or begun anew by another process. */
  #reopen(): void {
    const number = fileNumber(this.#file)
    if (this.#db && number === this.#number) return
    this.#db?.close()
    this.#db = openForReading(this.#file)
    this.#number = number
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

const COLUMNS = 'p.of_index, p.name, p.is_known'

function namesSql({ match, sql = 'TRUE', values }: Conditions) {
  if (match === undefined) {
    return {
      sql: `SELECT p.id AS id, p.id AS owner, ${COLUMNS} FROM project p
            WHERE (${sql.replaceAll('DOCUMENT', 'p.id')})`,
      values,
    }
  }
  return {
    sql: `SELECT f.rowid AS id, p.id AS owner, ${COLUMNS}
          FROM fts f CROSS JOIN project p ON p.id = f.rowid
          WHERE f.fts MATCH ? AND f.rowid < ${FIRST_TEXT}
          AND (${sql.replaceAll('DOCUMENT', 'f.rowid')})`,
    values: [match, ...values],
  }
}

function textsSql({ match, sql = 'TRUE', values }: Conditions) {
  if (match === undefined) {
    return {
      sql: `SELECT d.id AS id, d.project AS owner, ${COLUMNS}
            FROM document d JOIN project p ON p.id = d.project
            WHERE (${sql.replaceAll('DOCUMENT', 'd.id')})`,
      values,
    }
  }
  return {
    sql: `SELECT f.rowid AS id, d.project AS owner, ${COLUMNS}
          FROM fts f CROSS JOIN document d ON d.id = f.rowid CROSS JOIN project p ON p.id = d.project
          WHERE f.fts MATCH ? AND f.rowid >= ${FIRST_TEXT}
          AND (${sql.replaceAll('DOCUMENT', 'f.rowid')})`,
    values: [match, ...values],
  }
}
