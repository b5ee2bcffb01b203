/**
 * A list of requirements as pip's `-r` reads it, as far as it names projects of an index: names with versions and
 * hashes. Other files, addresses and folders are no part of an index and are refused.
 */
import { parseName, type ProjectName } from './name.ts'
import { atOnce, type Steps } from './steps.ts'
import { parseSpecifiers, type SpecifierSet } from './specifier.ts'

export interface Requirement {
  readonly project: ProjectName
  /** The name as it is written. */
  readonly name: string
  readonly specifiers: SpecifierSet
  /** SHA-256 of the files that are meant, in lower case; undefined where none is named. */
  readonly hashes: ReadonlySet<string> | undefined
  /** In normal form. */
  readonly extras: readonly string[]
  /** What stands behind the semicolon. */
  readonly marker: string | undefined
  /** Name and specifiers as they are written. */
  readonly text: string
  /** From 1: where it begins. */
  readonly line: number
}

export interface RequirementProblem {
  readonly line: number
  /** Completes "line 7: …". */
  readonly problem: string
}

/** All requirements, or the first line that can't be understood. */
export const parseRequirements = (text: string): readonly Requirement[] | RequirementProblem =>
  atOnce(requirementSteps(text))

/** The same for where others wait. */
export function* requirementSteps(
  text: string,
): Steps<readonly Requirement[] | RequirementProblem> {
  const requirements: Requirement[] = []
  for (const { line, text: whole } of logicalLines(text)) {
    yield
    const bare = withoutComment(whole).trim()
    if (bare === '' || isHarmlessOption(bare)) continue
    const parsed = parseRequirement(bare)
    if (typeof parsed === 'string') return { line, problem: parsed }
    requirements.push({ ...parsed, line })
  }
  return requirements
}

interface LogicalLine {
  readonly line: number
  readonly text: string
}

/** A backslash at the end joins a line to the next; a comment line never does. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let begun: string[] = []
  let at = 1
  let line = 0
  for (const physical of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    line++
    const isComment = /^\s*#/.test(physical)
    const isOpen = !isComment && physical.endsWith('\\')
    // Joined once: of very many pieces each look at what they are together would go through it all.
    begun.push(isComment ? '' : isOpen ? `${physical.slice(0, -1)} ` : physical)
    if (isOpen) continue
    yield { line: at, text: begun.join('') }
    begun = []
    at = line + 1
  }
  if (begun.length > 0) yield { line: at, text: begun.join('') }
}

/** Not inside a word: `#` in an address is none. */
const withoutComment = (line: string): string => line.replace(/(?:^|\s)#.*$/s, '')

/** Where to look and what to accept is for who installs, and means nothing for which releases are named. */
const isHarmlessOption = (line: string): boolean =>
  /^(?:-i|--index-url|--extra-index-url|--no-index|-f|--find-links|--trusted-host|--require-hashes|--only-binary|--no-binary|--prefer-binary)(?:[\s=]|$)/.test(
    line,
  )

/** The requirement, as a line of a file or of metadata has it, or what is wrong with it. */
export function parseRequirement(text: string): Omit<Requirement, 'line'> | string {
  if (text.startsWith('-'))
    return `${quoted(text)} is an option that names no release of this index`
  const { rest, hashes, problem } = takeHashes(text)
  if (problem !== undefined) return problem
  const [body = '', ...behind] = rest.split(';') // a marker says where it is installed, not what it is
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([A-Za-z0-9._,\s-]*)\])?\s*(.*)$/s.exec(
    body.trim(),
  )
  const [, name = '', extraNames = '', constraint = ''] = match ?? []
  const project = parseName(name)
  if (project === undefined) return `${quoted(text)} is no requirement of a project by its name`
  if (constraint.startsWith('@'))
    return `${quoted(text)} names an address, not a release of this index`
  const specifiers = parseSpecifiers(constraint.replace(/^\((.*)\)$/s, '$1'))
  if (!specifiers) return `${quoted(constraint)} is no version specifier`
  const extras = extraNames.split(',').flatMap((one) => parseName(one.trim()) ?? [])
  const marker = behind.join(';').trim() || undefined
  return { project, name, specifiers, hashes, extras, marker, text: `${name}${constraint}` }
}

interface Hashes {
  readonly rest: string
  readonly hashes: ReadonlySet<string> | undefined
  readonly problem?: string
}

function takeHashes(text: string): Hashes {
  const found = [...text.matchAll(/\s--hash[=\s]\s*(\S+)/g)].map(([, hash = '']) => hash)
  const rest = text.replaceAll(/\s--hash[=\s]\s*\S+/g, '')
  const option = /\s(--?[A-Za-z][\w-]*)/.exec(rest)?.[1]
  if (option !== undefined) {
    return { rest, hashes: undefined, problem: `${option} is an option that is not understood` }
  }
  if (found.length === 0) return { rest, hashes: undefined }
  const sha256 = found.flatMap(
    (hash) => /^sha256:([0-9a-f]{64})$/i.exec(hash)?.[1]?.toLowerCase() ?? [],
  )
  if (sha256.length > 0) return { rest, hashes: new Set(sha256) }
  return { rest, hashes: undefined, problem: 'none of its hashes is a SHA-256' }
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 100))
