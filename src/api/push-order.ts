/** The body of a push, read key by key in devpi's order (devpi-http 4.17). */
import { refuse } from '#base/refusal'
import { normalizeLoosely } from '#python/name'
import { isIndexName, type IndexName } from '#registry/indexes'
import type { PushOrder } from '#registry/push'
import type { JsonObject } from './body.ts'

const invalid = (reason: string) => refuse('push-invalid', { reason })

/** A text that must be there. */
export function getText(body: JsonObject, key: string): string {
  const value = body[key]
  if (typeof value === 'string' && value !== '') return value
  throw invalid(`'${key}' must be a text that is not empty`)
}

/** The release, and what of it is wanted. */
export function readOrder(body: JsonObject, source: IndexName): PushOrder {
  const name = getText(body, 'name')
  const version = getText(body, 'version')
  const flags = readDocsFlags(body)
  const isWhole = body.filename === undefined || body.filename === null
  const filename = isWhole ? undefined : getText(body, 'filename').slice(0, 1000)
  if (filename !== undefined && flags.onlyDocs) {
    throw invalid("'filename' and 'only_docs' can't be used together")
  }
  return { source, project: normalizeLoosely(name), name, version, ...flags, filename }
}

export const readDocsFlags = (body: JsonObject): Pick<PushOrder, 'noDocs' | 'onlyDocs'> => ({
  noDocs: isTrue(body.no_docs),
  onlyDocs: isTrue(body.only_docs),
})

/** What Python takes for true: clients in other languages send 1 or "yes". */
export const isTrue = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : Boolean(value)

/** `user/index`, for which there may be no index. */
export function readTarget({ targetindex }: JsonObject): IndexName {
  const isName = typeof targetindex === 'string' && targetindex.split('/').length === 2
  if (!isName) throw refuse('push-target-malformed')
  if (!isIndexName(targetindex)) throw refuse('index-missing', { index: targetindex })
  return targetindex
}

export function assertKnownKeys(body: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(body).filter((key) => !known.includes(key))
  if (unknown.length > 0) {
    throw refuse('push-options-unknown', { keys: unknown.toSorted().join(', ').slice(0, 1000) })
  }
}
