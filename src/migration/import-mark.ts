/** What tells, in a data folder, that something is being taken over into it, or was. */
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '#base/sync-folder'

export interface ImportMark {
  readonly kind: 'devpi export' | 'dump'
  /** The folder that it comes from. */
  readonly source: string
  /** Nobody may be shown a half of it. */
  readonly isFinished: boolean
}

const FILE = 'import.json'

/** Undefined for a folder that nothing was taken over into. */
export async function findImportMark(folder: string): Promise<ImportMark | undefined> {
  const path = join(folder, FILE)
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ImportMark
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${path} cannot be read`, { cause: error })
  }
}

/** The folder must exist. */
export async function writeImportMark(folder: string, mark: ImportMark): Promise<void> {
  const path = join(folder, FILE)
  const temporary = `${path}.${process.pid}`
  {
    await using file = await open(temporary, 'w', 0o640)
    await file.writeFile(`${JSON.stringify(mark)}\n`)
    await file.sync()
  }
  await rename(temporary, path)
  await syncFolder(folder)
}
