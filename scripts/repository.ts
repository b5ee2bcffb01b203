/** The files of this repository, and how the checks of it report. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

export const root = join(import.meta.dirname, '..')

export interface SourceFile {
  /** Relative to the root, with `/`. */
  readonly path: string
  readonly text: string
}

/** What `.gitignore` names, and the repository's own folder. */
const ignored = new Set(['.git', 'node_modules', '.cache', 'dist', 'wheelyard-data'])
const ignoredEndings = /\.(tgz|log)$/

/** All text files below a folder, in order. */
export async function readTextFiles(folder: string = root): Promise<SourceFile[]> {
  const paths: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    await walk(folder, entry)
  }
  const files = await Promise.all(paths.map(async (path) => readText(folder, path)))
  return files.filter((file) => file !== undefined).toSorted((a, b) => (a.path < b.path ? -1 : 1))

  async function walk(
    parent: string,
    entry: { name: string; isDirectory(): boolean },
  ): Promise<void> {
    if (ignored.has(entry.name) || ignoredEndings.test(entry.name)) return
    const path = join(parent, entry.name)
    if (!entry.isDirectory()) {
      paths.push(path)
      return
    }
    for (const child of await readdir(path, { withFileTypes: true })) await walk(path, child)
  }
}

async function readText(folder: string, path: string): Promise<SourceFile | undefined> {
  const text = await readFile(path, 'utf8')
  if (text.includes('\0')) return undefined
  return { path: relative(folder, path).split(sep).join('/'), text }
}

export const isTest = (path: string): boolean => path.endsWith('.test.ts')

/** Prints the problems, one a line, and sets the exit code. */
export function report(check: string, problems: readonly string[]): void {
  for (const problem of problems) console.error(problem)
  if (problems.length === 0) return
  console.error(`${check}: ${problems.length} problem${problems.length === 1 ? '' : 's'}`)
  process.exitCode = 1
}
