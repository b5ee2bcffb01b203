/**
 * A requirements file, with those that it names by `-r` and `-c`, as pip reads them: below the folder of the file that names
 * them.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { whyUnreadable } from '#base/why-not'
import { parseRequirements, type Requirement } from '#python/requirements'

/** A mistake of whoever wrote it, in a sentence. */
export class UnreadableRequirements extends Error {}

export interface RequirementFiles {
  readonly wanted: readonly Requirement[]
  /** Which versions may be taken of a project that something needs; what is named here alone is not wanted. */
  readonly constraints: readonly Requirement[]
}

type Role = keyof RequirementFiles

const INCLUDE = /^\s*(?:(-r|--requirement)|-c|--constraint)(?:\s*=?\s*|\s+)(\S+)\s*(?:#.*)?$/

/** `name`: as people know the file. */
export async function readRequirementFiles(path: string, name: string): Promise<RequirementFiles> {
  const all = { wanted: [] as Requirement[], constraints: [] as Requirement[] }
  const seen = new Set<string>()
  await add('wanted', path, name)
  return all

  /** Each file counts once in each role, also where files name each other. */
  async function add(role: Role, from: string, known: string): Promise<void> {
    const key = `${role} ${from}`
    if (seen.has(key)) return
    seen.add(key)
    const { own, included } = takeIncluded(await read(from, known))
    const parsed = parseRequirements(own)
    if ('problem' in parsed) {
      throw new UnreadableRequirements(`${known}, line ${parsed.line}: ${parsed.problem}`)
    }
    all[role].push(...parsed)
    for (const { file, isRequired } of included) {
      // What constraints include are constraints.
      await add(isRequired ? role : 'constraints', resolve(dirname(from), file), file)
    }
  }
}

interface Included {
  readonly file: string
  readonly isRequired: boolean
}

/** The lines stay, so that a mistake is told by its line. */
function takeIncluded(text: string): { readonly own: string; readonly included: Included[] } {
  const included: Included[] = []
  const lines = text.split('\n').map((line) => {
    const [, requirement, file] = INCLUDE.exec(line) ?? []
    if (file === undefined) return line
    included.push({ file, isRequired: requirement !== undefined })
    return ''
  })
  return { own: lines.join('\n'), included }
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
