/** Releases: core metadata by version, under devpi's field names. */
import { Refusal, refuse } from '#base/refusal'
import type { CoreMetadata } from '#python/metadata'

/** Core metadata as devpi shows it: text and list fields under their form names (`requires_dist`, …). */
export interface ReleaseMetadata {
  readonly [field: string]: string | readonly string[]
}

const TEXT_FIELDS = [
  'name',
  'version',
  'metadata_version',
  'summary',
  'home_page',
  'author',
  'author_email',
  'maintainer',
  'maintainer_email',
  'license',
  'description',
  'keywords',
  'download_url',
  'comment',
  'requires_python',
  'description_content_type',
  'license_expression',
] as const

const LIST_FIELDS = [
  'platform',
  'classifiers',
  'supported_platform',
  'provides',
  'requires',
  'obsoletes',
  'project_urls',
  'provides_dist',
  'obsoletes_dist',
  'requires_dist',
  'requires_external',
  'provides_extras',
  'dynamic',
  'license_file',
] as const

/** Lists that devpi does not know: only there where they were given. */
const NEWER_FIELDS = ['import_name', 'import_namespace'] as const

/** Other spellings of a field, as clients send them and as core metadata has them. */
const spellings: Readonly<Record<string, string>> = {
  provides_extra: 'provides_extras',
  platforms: 'platform',
  classifier: 'classifiers',
  project_url: 'project_urls',
  license_files: 'license_file',
  import_names: 'import_name',
  import_namespaces: 'import_namespace',
}

const isText = new Set<string>(TEXT_FIELDS)
const isList = new Set<string>([...LIST_FIELDS, ...NEWER_FIELDS])

/** The name under which a field is kept, or undefined if it is no metadata field. */
export function metadataFieldName(field: string): string | undefined {
  const name = spellings[field] ?? field
  return isText.has(name) || isList.has(name) ? name : undefined
}

export const isSingleValued = (field: string): boolean => isText.has(field)

/**
 * The metadata in a form. Empty values and `UNKNOWN` count as not given; the last of a doubled text wins, the
 * spellings of a list are one list. Refuses what is too long to be what it says.
 */
export function readFormMetadata(
  fields: ReadonlyMap<string, readonly string[]>,
): Record<string, string | readonly string[]> {
  const texts: Record<string, string> = {}
  const lists: Record<string, string[]> = {}
  for (const [field, values] of fields) {
    const name = metadataFieldName(field)
    if (name === undefined) continue
    const cleaned = values.map(cleanValue)
    assertLengths(name, cleaned)
    if (isText.has(name)) texts[name] = cleaned.at(-1) ?? ''
    else (lists[name] ??= []).push(...cleaned.filter((value) => value !== ''))
  }
  return { ...texts, ...lists }
}

/** What a core metadata file says, under the same names; nothing that is too long for a form. */
export function readCoreMetadata({ fields, description }: CoreMetadata): GivenMetadata {
  const read: Record<string, string | readonly string[]> = {}
  const all = new Map(fields)
  if (description !== undefined) all.set('description', [description])
  for (const [field, values] of all) {
    try {
      Object.assign(read, readFormMetadata(new Map([[field, values]])))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error // the rest can be shown all the same
    }
  }
  return read
}

/** `UNKNOWN` is how old tools write "not given"; NUL and half characters can't be stored or shown. */
export function cleanValue(value: string): string {
  const text = value.replaceAll('\0', '').toWellFormed()
  return text === 'UNKNOWN' ? '' : text
}

/** Characters of a value. Descriptions and licences are documents; what a page shows of each file is a line. */
const longest: Readonly<Record<string, number>> = {
  description: 8 * 1024 * 1024,
  license: 1024 * 1024,
  requires_python: 1000,
}
const LONGEST_OTHER = 32 * 1024

function assertLengths(field: string, values: readonly string[]): void {
  const limit = longest[field] ?? LONGEST_OTHER
  const isTooLong = values.some((value) => value.length > limit)
  if (isTooLong) throw invalid(`${field}: longer than ${limit} characters`)
}

/** What an archive says is not in the form's hands, and has to fit the page all the same. */
export function assertShownLength(field: 'requires_python', value: string | undefined): void {
  if (value !== undefined) assertLengths(field, [value])
}

/** Metadata as it comes along: those fields that were given. */
export type GivenMetadata = Readonly<Record<string, string | readonly string[]>>

/** A release's whole metadata: what was never given is there and empty, as devpi has it. */
export function completeMetadata(given: GivenMetadata): ReleaseMetadata {
  const complete: Record<string, string | readonly string[]> = {}
  for (const field of TEXT_FIELDS) complete[field] = given[field] ?? ''
  for (const field of LIST_FIELDS) complete[field] = given[field] ?? []
  for (const field of NEWER_FIELDS) {
    const value = given[field]
    if (value !== undefined && value.length > 0) complete[field] = value
  }
  return complete
}

/** Refuses a name or version that is missing, or that no project can have (devpi's rules and words). */
export function assertNameAndVersion(name: string, version: string): void {
  if (name === '') throw invalid('Missing required field "name"')
  if (version === '') throw invalid('Missing required field "version"')
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw invalid(
      'Invalid package name. Names must contain only ASCII letters, digits, underscores, hyphens, and periods',
    )
  }
  if (!/^[A-Za-z0-9]/.test(name) || !/[A-Za-z0-9]$/.test(name)) {
    const part = /^[A-Za-z0-9]/.test(name) ? 'end' : 'start'
    throw invalid(`Invalid package name. Names must ${part} with an ASCII letter or digit`)
  }
  if (name.length > MAX_NAME) throw invalid(`name: longer than ${MAX_NAME} characters`)
  if (version.length > MAX_VERSION) throw invalid(`version: longer than ${MAX_VERSION} characters`)
  // Both become segments of URLs and of ledger keys.
  const isSafe =
    version.isWellFormed() && !/[<>%#"/\\\p{Cc}\p{Z}]/u.test(version) && !/^\.+$/.test(version) // a segment that URL resolution eats
  if (!isSafe) throw invalid('Invalid package name or version (URL safety)')
}

const MAX_NAME = 200
const MAX_VERSION = 256

const invalid = (reason: string) =>
  refuse('upload-invalid', { reason: `invalid metadata: ${reason}` })
