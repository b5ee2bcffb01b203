/** Where our own files lie, and what is in a folder. */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `static`, `templates` or `themes`; from the root, since the package has this module within another file. */
export const ourFolder = (name: string): string =>
  join(dirname(fileURLToPath(import.meta.resolve('#web/any'))), name)

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
