/** The values of index options: from what a client sends to their stored form, with devpi's rules and sentences. */
import { refuse } from '#base/refusal'
import { normalizeName } from '#python/name'
import { jsonProblem } from './json-value.ts'
import { pythonRepr, pythonText } from './python-text.ts'

/** The stored form of a value; refuses what it can't be, and names the option. */
export type ReadValue = (value: unknown, name: string) => unknown

/** Names and permissions. */
const MAX_LIST = 10_000
/** Each is asked for whenever a page is made. */
const MAX_BASES = 1000
const MAX_TEXT = 4096
/** Characters of its JSON. */
const MAX_JSON = 262_144

export function readAny(value: unknown, name: string): unknown {
  if (value === null) throw invalid(`'${name}' must not be null; remove it with '${name}-='.`)
  const problem = jsonProblem(value, MAX_JSON)
  if (problem !== undefined) throw invalid(`'${name}' must be ${problem}.`)
  return value
}

export function readBoolean(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  if (text === 'true' || text === 'yes') return true
  if (text === 'false' || text === 'no') return false
  throw invalid(`Unknown boolean value ${pythonRepr(value)}. It was given for '${name}'.`)
}

export function readText(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length <= MAX_TEXT && value.isWellFormed()) return value
  throw invalid(`'${name}' option must be a text of at most ${MAX_TEXT} characters`)
}

export function readSeconds(value: unknown, name: string): number {
  const seconds = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  if (typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds >= 0) return seconds
  throw invalid(`'${name}' option must be an integer`)
}

export function readUrl(value: unknown, name: string): string {
  const isUrl =
    typeof value === 'string' &&
    value.length <= MAX_TEXT &&
    /^https?:\/\/[^\s/\p{Cc}][^\s\p{Cc}]*$/u.test(value) &&
    URL.canParse(value)
  if (!isUrl) throw invalid(`'${name}' option must be a URL.`)
  if (new URL(value).username === HIDDEN) {
    throw invalid(`'${name}' option must be a URL. This one has its credentials blotted out.`)
  }
  return value
}

const HIDDEN = '***'

/** For eyes that must not see them. What is left is refused when someone sends it back. */
export function withoutCredentials(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed || (parsed.username === '' && parsed.password === '')) return url
  return url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, `$1${HIDDEN}@`)
}

/** A list, or its members joined with commas. */
export function readList(value: unknown, name: string, limit = MAX_LIST): string[] {
  const list = typeof value === 'string' ? splitList(value) : value
  if (!Array.isArray(list)) {
    throw invalid(`Unknown list value ${pythonRepr(value)}. It was given for '${name}'.`)
  }
  if (list.length > limit) throw invalid(`'${name}' must have at most ${limit} members.`)
  for (const member of list) {
    const isText = typeof member === 'string' && member.length <= 1024 && member.isWellFormed()
    if (!isText) throw invalid(`Unknown list member ${pythonRepr(member)} in '${name}'.`)
  }
  return list
}

const splitList = (text: string): string[] =>
  text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')

/** Whether there are such indexes is asked later, in the transaction. */
export function readBases(value: unknown, name: string): string[] {
  return readList(value, name, MAX_BASES).map((base) =>
    base.replace(/^\/+/, '').replace(/\/+$/, ''),
  )
}

export function readPrincipals(value: unknown, name: string): string[] {
  return readList(value, name).map((principal) =>
    /^:(anonymous|authenticated):$/i.test(principal) ? principal.toUpperCase() : principal,
  )
}

export function readWhitelist(value: unknown, name: string): string[] {
  return readList(value, name).map((project) => (project === '*' ? '*' : normalizeName(project)))
}

export function readInheritance(value: unknown, name: string): string {
  const text = typeof value === 'string' ? value.toLowerCase() : value
  if (text === 'intersection' || text === 'union') return text
  throw invalid(
    `Unknown value '${pythonText(value)}' for ${name}, must be 'intersection' or 'union'.`,
  )
}

export const invalid = (reason: string) => refuse('index-option-invalid', { reason })
