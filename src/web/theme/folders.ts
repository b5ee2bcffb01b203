/** Where our own files lie, and what is in a folder. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `static`, `templates` or `themes`. */
export const ourFolder = (name: string): string =>
  fileURLToPath(new URL(`../${name}`, import.meta.url))

/** Names of all files below a folder, with slashes, in order; none where there is no such folder. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
      .map((name) => name.replaceAll('\\', '/'))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
