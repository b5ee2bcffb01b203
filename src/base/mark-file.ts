/** Small files that make a data folder what it is, as long as they lie there; written whole and durably, or not at all. */
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from './sync-folder.ts'

export interface MarkFile<T> {
  /** Undefined where there is none. */
  readonly find: (folder: string) => Promise<T | undefined>
  /** The folder must exist. */
  readonly write: (folder: string, mark: T) => Promise<void>
  readonly remove: (folder: string) => Promise<void>
}

export function markFile<T>(name: string): MarkFile<T> {
  return {
    async find(folder) {
      const path = join(folder, name)
      try {
        return JSON.parse(await readFile(path, 'utf8')) as T
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw new Error(`${path} cannot be read`, { cause: error })
      }
    },

    async write(folder, mark) {
      const path = join(folder, name)
      const temporary = `${path}.${process.pid}`
      {
        await using file = await open(temporary, 'w', 0o640)
        await file.writeFile(`${JSON.stringify(mark)}\n`)
        await file.sync()
      }
      await rename(temporary, path)
      await syncFolder(folder)
    },

    async remove(folder) {
      await rm(join(folder, name), { force: true })
      await syncFolder(folder)
    },
  }
}
