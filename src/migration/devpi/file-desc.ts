/** A file of devpi's export, as its `dataindex.json` describes it. */
import type { LogEntry } from '#registry/files'
import { isComputable } from './hash-check.ts'
import { readLog } from './log-entries.ts'
import { isRecord, type DevpiRecord } from './user-entry.ts'

export interface FileDesc {
  readonly type: 'releasefile' | 'toxresult' | 'doczip'
  readonly projectname: string
  /** As it was sent; absent in dumps of version 1. */
  readonly version: string | undefined
  /** Below the export, with `/`. */
  readonly relpath: string
  readonly filename: string
  /** By the names of algorithms: what the file must have. Hashes that cannot be computed here are left out. */
  readonly hashes: Readonly<Record<string, string>>
  /** Of the tested release. */
  readonly testedFilename: string | undefined
  /** In milliseconds. */
  readonly modifiedAt: number | undefined
  /** Of a mirrored file: where upstream has it. */
  readonly url: string | undefined
  readonly log: readonly LogEntry[] | undefined
}

const types = ['releasefile', 'toxresult', 'doczip'] as const

/** Returns what is wrong with it as a sentence's end, where something is. */
export function readFileDesc(value: unknown): FileDesc | string {
  if (!isRecord(value)) return 'it is no object'
  const { projectname, version, relpath, for_entrypath: tested } = value
  const type = types.find((one) => one === value.type)
  if (type === undefined) return `its type ${JSON.stringify(value.type)} is not known`
  if (typeof projectname !== 'string' || projectname === '') return 'it has no projectname'
  if (typeof relpath !== 'string') return 'it has no relpath'
  if (version !== undefined && typeof version !== 'string') return 'its version is no text'
  const segments = splitPath(relpath)
  if (segments === undefined) {
    return `its path ${JSON.stringify(relpath.slice(0, 200))} leads out of the export`
  }
  const mapping = isRecord(value.entrymapping) ? value.entrymapping : {}
  const hashes = readHashes(mapping)
  if (type === 'toxresult') {
    if (typeof tested !== 'string') return 'it does not say which file was tested'
    dropFilesHash(hashes, segments)
  }
  const { url, last_modified: modified } = mapping
  const modifiedAt = typeof modified === 'string' ? Date.parse(modified) : Number.NaN
  return {
    type,
    projectname,
    version,
    relpath: segments.join('/'),
    filename: segments.at(-1)!,
    hashes,
    testedFilename: typeof tested === 'string' ? tested.split('/').at(-1) : undefined,
    modifiedAt: Number.isFinite(modifiedAt) ? modifiedAt : undefined,
    url: typeof url === 'string' ? url : undefined,
    log: readLog(value.log),
  }
}

/** The dump has the separators of the machine it was made on. Undefined for what is not below the folder. */
function splitPath(relpath: string): string[] | undefined {
  const segments = relpath.includes('/') ? relpath.split('/') : relpath.split('\\')
  const isFine = (segment: string): boolean =>
    segment !== '' &&
    segment !== '.' &&
    segment !== '..' &&
    segment.length <= 255 &&
    segment.isWellFormed() &&
    !/[\\\p{Cc}\u2028\u2029]/u.test(segment) &&
    !/^[A-Za-z]:$/.test(segment)
  return segments.every(isFine) ? segments : undefined
}

/**
 * devpi has had hashes in three fields. Where `hash_spec` says otherwise than the others, it alone counts; an empty one
 * says nothing.
 */
function readHashes(mapping: DevpiRecord): Record<string, string> {
  const found: Record<string, string> = {}
  const add = (algorithm: string, hex: unknown): void => {
    const name = algorithm.toLowerCase()
    if (typeof hex === 'string' && /^[0-9a-f]+$/i.test(hex) && isComputable(name)) {
      found[name] = hex.toLowerCase()
    }
  }
  if (isRecord(mapping.hashes)) {
    for (const [algorithm, hex] of Object.entries(mapping.hashes)) add(algorithm, hex)
  }
  if (found.md5 === undefined) add('md5', mapping.md5)
  const { hash_spec: spec } = mapping
  const [, algorithm, hex] = (typeof spec === 'string' && /^([^=]+)=(.+)$/.exec(spec)) || []
  if (algorithm === undefined || hex === undefined) return found
  const known = found[algorithm.toLowerCase()]
  if (known !== undefined && known !== hex.toLowerCase()) {
    for (const name of Object.keys(found)) delete found[name]
  }
  add(algorithm, hex)
  return found
}

/** devpi-server 6.5 to 6.8 wrote the tested release's hash as the result's own. */
function dropFilesHash(hashes: Record<string, string>, segments: readonly string[]): void {
  const [, algorithm, hex] = /^([^=]+)=(.+)$/.exec(segments[3] ?? '') ?? []
  if (segments.length !== 5 || algorithm === undefined) return
  if (hashes[algorithm] === hex) delete hashes[algorithm]
}
