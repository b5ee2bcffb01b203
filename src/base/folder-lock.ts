/**
 * Who works on a data folder: servers share it, and what must be alone with it waits for nobody. The operating system
 * gives a lock back when its process ends, however that ends; it is SQLite that knows how to take one everywhere.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface FolderLock {
  release(): void
}

/** For as long as a server runs. Undefined while somebody is alone with the folder. */
export const shareFolder = (folder: string): FolderLock | undefined =>
  lock(folder, 'BEGIN; SELECT count(*) FROM sqlite_schema')

/** Undefined while a server runs on the folder, in this process or another one. */
export const lockFolder = (folder: string): FolderLock | undefined =>
  lock(folder, 'BEGIN EXCLUSIVE')

const BUSY = 5

function lock(folder: string, take: string): FolderLock | undefined {
  const local = join(folder, 'local')
  mkdirSync(local, { recursive: true, mode: 0o750 })
  const db = new DatabaseSync(join(local, 'serving.sqlite'), { timeout: 0 })
  try {
    db.exec(take)
    return { release: () => void (db.isOpen && db.close()) }
  } catch (error) {
    db.close()
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === BUSY) return undefined
    throw error
  }
}
