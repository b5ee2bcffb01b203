/** Whether a theme's files changed, without reading them. */
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { listNames } from './folders.ts'

/** 16 hex digits: of names, sizes and times of all files in the folders. */
export function stampOf(layers: readonly { readonly folder: string }[]): string {
  const hash = createHash('sha256')
  for (const { folder } of layers) {
    for (const name of listNames(folder)) {
      const stats = statSync(join(folder, name), { throwIfNoEntry: false })
      hash.update(`${folder}/${name}\0${stats?.size}\0${stats?.mtimeMs}\0`)
    }
  }
  return hash.digest('hex').slice(0, 16)
}
