/** A folder with distributions in it and in folders below it, as pypiserver serves one. */
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { isPlain, readName, type Found } from './found-file.ts'

/**
 * All files below. As pypiserver does it passes over what has a dot in front; signatures, notes and other files that no
 * installer takes are passed over too. Links are not followed.
 */
export async function* walkPlainTree(root: string, below = ''): AsyncGenerator<Found> {
  for await (const entry of await opendir(join(root, below))) {
    const { name } = entry
    if (name.startsWith('.')) continue
    const shown = below === '' ? name : `${below}/${name}`
    if (entry.isDirectory()) yield* walkPlainTree(root, shown)
    else if (!readName(name)) continue
    else if (!isPlain(name)) yield { shown, problem: 'no file can be called so' }
    else if (entry.isSymbolicLink()) yield { shown, problem: 'it is a symbolic link' }
    else if (entry.isFile()) {
      yield { path: join(root, shown), shown, filename: name, hashes: {} }
    }
  }
}
