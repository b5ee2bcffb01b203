/** Whether a theme's files changed, without reading them. */
import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** 16 hex digits: of names, sizes and times of all files in the folders. */
export function stampOf(layers: readonly { readonly folder: string }[]): string {
  const hash = createHash('sha256')
  for (const { folder } of layers) {
    for (const path of listFiles(folder)) {
      const stats = statSync(path, { throwIfNoEntry: false })
      hash.update(`${path}\0${stats?.size}\0${stats?.mtimeMs}\0`)
    }
  }
  return hash.digest('hex').slice(0, 16)
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
