/** Wheels as they are published: JupyterLab's whole tree. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchedWheels, requirementsFile } from './fetched-wheels.ts'

export interface RealWheel {
  readonly filename: string
  readonly path: string
  readonly bytes: Buffer
}

/** What to install to get the whole tree. */
export const TREE_ROOT = 'jupyterlab'

const LIST = 'tree'

let known: Promise<readonly RealWheel[]> | undefined

/** All of them, or those of the projects that are named. */
export async function realWheels(...projects: readonly string[]): Promise<readonly RealWheel[]> {
  known ??= openWheels()
  const all = await known
  if (projects.length === 0) return all
  const named = all.filter(({ filename }) => projects.includes(filename.split('-')[0] ?? ''))
  if (named.length !== projects.length)
    throw new Error(`${requirementsFile(LIST)} lacks one of ${projects.join(', ')}`)
  return named
}

async function openWheels(): Promise<readonly RealWheel[]> {
  const folder = await fetchedWheels(LIST)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.whl')).toSorted()
  return Promise.all(
    names.map(async (filename) => {
      const path = join(folder, filename)
      return { filename, path, bytes: await readFile(path) }
    }),
  )
}
