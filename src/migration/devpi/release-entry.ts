/** A version's metadata as devpi keeps it, as an entry here, and back. */
import { normalizeLoosely, type ProjectName } from '#python/name'
import { isKeySegment } from '#registry/names'
import { completeMetadata, type ReleaseMetadata } from '#registry/releases'
import { isRecord } from './user-entry.ts'

export interface VersionData {
  readonly project: ProjectName
  /** As it was first spelt. */
  readonly name: string
  /** As it was sent. */
  readonly version: string
  readonly metadata: ReleaseMetadata
  /** Of mirrored releases. */
  readonly yanked: true | string | undefined
}

const MAX_SEGMENT = 256

/** Whether a project or version can stand in keys and addresses. */
export const isSegment = (text: string): boolean =>
  isKeySegment(text) && text.length <= MAX_SEGMENT && !/\p{Cc}|^\.+$/u.test(text)

/** Returns what is wrong with it as a sentence's end, where something is. */
export function readVersionData(
  key: string,
  version: string,
  value: unknown,
): VersionData | string {
  if (!isRecord(value)) return 'its metadata is no object'
  const project = normalizeLoosely(key)
  if (!isSegment(project)) return 'no project can be called so'
  const own = typeof value.version === 'string' && value.version !== '' ? value.version : version
  if (!isSegment(own)) return 'no version can be called so'
  const name = typeof value.name === 'string' && value.name !== '' ? value.name : key
  const given: Record<string, string | string[]> = {}
  for (const [field, content] of Object.entries(value)) {
    if (field.startsWith('+') || field.startsWith(':')) continue
    if (typeof content === 'string') given[field] = clean(content)
    else if (Array.isArray(content)) given[field] = content.filter(isText).map(clean)
  }
  const { yanked } = value
  const metadata = { ...completeMetadata(given), name, version: own }
  return {
    project,
    name,
    version: own,
    metadata,
    yanked: yanked === true || typeof yanked === 'string' ? yanked : undefined,
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** NUL and half characters can't be stored or shown. */
const clean = (text: string): string => text.replaceAll('\0', '').toWellFormed()
