/** The search index in one SQLite file with full text search: several processes read it, one writes. */
import type { SearchReader, SearchWriter } from '../backend.ts'
import { SqliteReader } from './sqlite-reader.ts'
import { SqliteWriter } from './sqlite-writer.ts'

export const openSqliteWriter = (file: string): SearchWriter => new SqliteWriter(file)

/** The file may be there or not. */
export const openSqliteReader = (file: string): SearchReader => new SqliteReader(file)

const CORRUPT = 11
const NOT_A_DATABASE = 26

/** Whether an error says that the file is of no use, and not only that it can't be had now. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false
  const code = Number(error.errcode) & 0xff
  return code === CORRUPT || code === NOT_A_DATABASE
}
