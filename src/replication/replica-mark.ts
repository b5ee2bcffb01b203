/** What makes a data folder that of a replica, as long as it lies there: whom it follows. */
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '#base/sync-folder'

export interface ReplicaMark {
  readonly primaryUrl: string
  /** The identity of the server that was followed last; undefined before the first time. */
  readonly primaryUuid?: string | undefined
}

const FILE = 'replica.json'

/** Undefined for the folder of a server of its own. */
export async function findReplicaMark(folder: string): Promise<ReplicaMark | undefined> {
  const path = join(folder, FILE)
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ReplicaMark
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${path} cannot be read`, { cause: error })
  }
}

/** The folder must exist. */
export async function writeReplicaMark(folder: string, mark: ReplicaMark): Promise<void> {
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
