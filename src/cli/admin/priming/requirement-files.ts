/** A requirements file, with those that it names by `-r`, as pip reads them: below the folder of the file that names them. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { whyUnreadable } from '#base/why-not'
import { parseRequirements, type Requirement } from '#python/requirements'

/** A mistake of whoever wrote it, in a sentence. */
export class UnreadableRequirements extends Error {}

/** Each file counts once, also where files name each other. `name`: as people know the file. */
export async function readRequirementFiles(
  path: string,
  name: string,
  seen: Set<string> = new Set(),
): Promise<readonly Requirement[]> {
  if (seen.has(path)) return []
  seen.add(path)
  const text = await read(path, name)
  const included: string[] = []
  // The lines stay, so that a mistake is told by its line.
  const own = text
    .split('\n')
    .map((line) => {
      const [, file] = /^\s*(?:-r|--requirement)(?:\s*=?\s*|\s+)(\S+)\s*(?:#.*)?$/.exec(line) ?? []
      if (file === undefined) return line
      included.push(file)
      return ''
    })
    .join('\n')
  const parsed = parseRequirements(own)
  if ('problem' in parsed) {
    throw new UnreadableRequirements(`${name}, line ${parsed.line}: ${parsed.problem}`)
  }
  const all = [...parsed]
  for (const file of included) {
    all.push(...(await readRequirementFiles(resolve(dirname(path), file), file, seen)))
  }
  return all
}

async function read(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UnreadableRequirements(
      `--requirements: ${name} cannot be read: ${whyUnreadable(error)}`,
    )
  }
}
