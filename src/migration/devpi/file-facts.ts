/** What devpi's changelog says of one file: its hashes, times, and what happened to it. */
import { isSha256, type Sha256 } from '#base/digest'
import { hashFolder } from '#registry/file-path'
import type { LogEntry } from '#registry/files'
import { asDict, asList, asText, type PythonDict, type PythonValue } from './values.ts'

export type Hashes = Readonly<Record<string, string>>

/** The path of a file from its folder on, `+f/abc/0123456789abc`, and its name. */
export interface FilePath {
  readonly index: string
  readonly folder: string
  readonly filename: string
}

export function readRelpath(relpath: string): FilePath | undefined {
  const [, index, folder, filename] =
    /^([^/]+\/[^/]+)\/(\+f\/[^/]+\/[^/]+|\+e\/[^/]+)\/([^/]+)$/.exec(relpath) ?? []
  if (index === undefined || folder === undefined || filename === undefined) return undefined
  return { index, folder, filename }
}

/** `sha256=…`; none where it says nothing. */
export function readHashSpec(spec: string | undefined): Hashes {
  const [, algorithm, hex] = /^([a-z0-9_]+)=([0-9a-f]+)$/i.exec(spec ?? '') ?? []
  return algorithm === undefined || hex === undefined ? {} : { [algorithm]: hex.toLowerCase() }
}

/** Where the two disagree `hash_spec` alone counts, as in devpi. */
export function hashesOf(value: PythonDict): Hashes {
  const spec = readHashSpec(asText(value.get('hash_spec')))
  const all: Record<string, string> = {}
  for (const [algorithm, hex] of asDict(value.get('hashes')) ?? []) {
    if (typeof algorithm === 'string' && typeof hex === 'string') all[algorithm] = hex
  }
  const agrees = Object.entries(spec).every(([algorithm, hex]) => all[algorithm] === hex)
  return agrees ? all : spec
}

/**
 * Those that lead to the folder: a file of very old data lies where its MD5 says, although its SHA-256 is known. Old
 * addresses must lead to it.
 */
export function hashesInFolder(hashes: Hashes, folder: string): Hashes {
  const best = hashes['sha256'] ?? hashes['md5'] ?? Object.values(hashes)[0]
  if (best !== undefined && hashFolder(best) === folder) return hashes
  const fitting = Object.entries(hashes).find(([, hex]) => hashFolder(hex) === folder)
  return fitting ? Object.fromEntries([fitting]) : hashes
}

export function digestIn(hashes: Hashes): Sha256 | undefined {
  const hex = hashes['sha256']
  return hex !== undefined && isSha256(hex) ? hex : undefined
}

/** An instant: `Sat, 21 Nov 2026 20:32:24 GMT`. */
export function lastModified(value: PythonDict | undefined): number | undefined {
  const at = Date.parse(asText(value?.get('last_modified')) ?? '')
  return Number.isNaN(at) ? undefined : at
}

const kinds = ['upload', 'push', 'overwrite'] as const

/** In the order in which it happened; what is not devpi's is left out. */
export function readLog(value: PythonValue | undefined): LogEntry[] {
  return asList(value).flatMap((one) => {
    const item = asDict(one)
    const what = kinds.find((kind) => kind === item?.get('what'))
    const when = asList(item?.get('when')).filter((part) => typeof part === 'number')
    if (!item || what === undefined || when.length !== 6) return []
    const [dst, src, count] = ['dst', 'src', 'count'].map((name) => item.get(name))
    return {
      what,
      who: asText(item.get('who')) ?? null,
      when,
      ...(typeof dst === 'string' && { dst }),
      ...(typeof src === 'string' && { src }),
      ...(typeof count === 'number' && { count }),
    }
  })
}

/** An instant, of a log's `[Y, M, D, h, m, s]` UTC. */
export function instantOf({ when }: LogEntry): number {
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0] = when
  return Date.UTC(year, month - 1, day, hour, minute, second)
}
