/** devpi's changelog: entries, and what the path of each changed key says (devpi-replication, section 11). */
import { asText, NotDevpi, type PythonValue } from './values.ts'

export interface ChangelogEntry {
  readonly serial: number
  readonly changes: readonly KeyChange[]
}

export interface KeyChange {
  readonly keyname: string
  readonly relpath: string
  /** Null where it was deleted. */
  readonly value: PythonValue
}

/** `changes`: the first part of an entry. */
export function readEntry(
  serial: PythonValue | undefined,
  changes: PythonValue | undefined,
): ChangelogEntry {
  if (typeof serial !== 'number') throw new NotDevpi('an entry has no serial')
  if (Array.isArray(changes)) {
    throw new NotDevpi('its changelog is that of devpi-server 7, and this version knows 6')
  }
  if (!(changes instanceof Map)) throw new NotDevpi(`entry ${serial} has no changes`)
  return { serial, changes: [...changes].map(([relpath, change]) => readChange(relpath, change)) }
}

function readChange(relpath: PythonValue, change: PythonValue): KeyChange {
  const [keyname, , value] = Array.isArray(change) ? change : []
  const isWhole = asText(keyname) !== undefined && value !== undefined
  if (typeof relpath !== 'string' || !isWhole) {
    throw new NotDevpi('a change has another form than those of devpi-server 6')
  }
  return { keyname: asText(keyname) ?? '', relpath, value }
}

/** The parameters in the path of a key; undefined for a path that this key cannot have. */
export function partsOf({ keyname, relpath }: KeyChange): readonly string[] | undefined {
  const match = patterns[keyname]?.exec(relpath)
  return match?.slice(1)
}

const patterns: Readonly<Record<string, RegExp>> = {
  USER: /^([^/]+)\/\.config$/,
  PROJNAMES: /^([^/]+\/[^/]+)\/\.projects$/,
  PROJSIMPLELINKS: /^([^/]+\/[^/]+)\/([^/]+)\/\.simple$/,
  PROJVERSION: /^([^/]+\/[^/]+)\/([^/]+)\/([^/]+)\/\.config$/,
  STAGEFILE: /^([^/]+\/[^/]+)\/(\+f\/[^/]+\/[^/]+)\/([^/]+)$/,
  PYPIFILE_NOMD5: /^([^/]+\/[^/]+)\/(\+e\/[^/]+)\/([^/]+)$/,
}
