/** Opens the search index's file: to be read by anybody, to be written by one process at a time. */
import { openSqliteReader, openSqliteWriter } from './backends/sqlite-fts.ts'
import type { SearchReader, SearchWriter } from './backend.ts'

/** The file may be there or not. */
export const openReader = (file: string): SearchReader => openSqliteReader(file)

export const openWriter = (file: string): SearchWriter => openSqliteWriter(file)
