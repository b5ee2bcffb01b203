/** The configuration of an index of devpi-server as an entry here, and back. */
import { Refusal } from '#base/refusal'
import { createOptions, optionNames, readOptions } from '#registry/index-options'
import type { IndexEntry } from '#registry/indexes'
import { isRecord, type DevpiRecord } from './user-entry.ts'

export type TranslatedIndex =
  | { readonly problem: string }
  | { readonly entry: IndexEntry; readonly notes: readonly string[] }

/** Types that Wheelyard has. */
export const isKnownType = (type: unknown): type is IndexEntry['type'] =>
  type === 'stage' || type === 'mirror'

/** What devpi had once, and what it sends with mirrors without using it. */
const withoutMeaning = new Set(['type', 'projects', 'pypi_whitelist', 'uploadtrigger_jenkins'])
const withoutMeaningOnMirrors = new Set([
  ...['bases', 'acl_upload', 'acl_toxresult_upload', 'mirror_whitelist'],
  'mirror_whitelist_inheritance',
])

/**
 * `config`: devpi's of any release. Bases are taken as they stand: whether there are such indexes is not asked. What an
 * option of Wheelyard cannot be is a problem, an option that it does not have a note.
 */
export function translateIndex(name: string, given: unknown): TranslatedIndex {
  if (!isRecord(given)) return { problem: 'it has no configuration' }
  const { type = 'stage' } = given
  if (!isKnownType(type)) return { problem: `its type ${JSON.stringify(type)} is not known here` }
  const config = modernise(given)
  const options = new Set(optionNames(type))
  const notes: string[] = []
  const body: Record<string, unknown> = {}
  for (const [option, value] of Object.entries(config)) {
    if (withoutMeaning.has(option) || value === null) continue
    if (type === 'mirror' && withoutMeaningOnMirrors.has(option)) continue
    if (options.has(option)) body[option] = value
    else notes.push(`index ${name}: the option ${option} is none of Wheelyard's and was left out`)
  }
  if (isFilled(given.uploadtrigger_jenkins)) {
    notes.push(`index ${name}: uploadtrigger_jenkins was left out`)
  }
  try {
    return { entry: makeEntry(name, type, body), notes }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { problem: error.message }
  }
}

function makeEntry(name: string, type: IndexEntry['type'], body: DevpiRecord): IndexEntry {
  const owner = name.slice(0, name.indexOf('/'))
  if (type === 'stage') return createOptions(owner, { type, ...body })
  if (body.mirror_url !== undefined) return createOptions(owner, { type, ...body })
  // Of root/pypi before mirrors had addresses: it is told its upstream when the server starts.
  const options = readOptions(type, body)
  return { type, volatile: true, ...options } as unknown as IndexEntry
}

/** `pypi_whitelist` was renamed in devpi-server 3; without an inheritance whitelists were united. */
function modernise(config: DevpiRecord): DevpiRecord {
  const { pypi_whitelist: former, type = 'stage' } = config
  return {
    ...(type === 'stage' && { mirror_whitelist_inheritance: 'union' }),
    ...(former !== undefined && { mirror_whitelist: former }),
    ...config,
  }
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

/** Options that devpi-server 6 has. */
const devpiOptions = new Set([
  ...['type', 'volatile', 'bases', 'acl_upload', 'acl_toxresult_upload', 'mirror_whitelist'],
  ...['mirror_whitelist_inheritance', 'title', 'description', 'custom_data', 'mirror_url'],
  ...['mirror_cache_expiry', 'mirror_ignore_serial_header', 'mirror_no_project_list'],
  ...['mirror_provides_core_metadata', 'mirror_use_external_urls', 'mirror_web_url_fmt'],
])

/** As devpi's export has it. Options that devpi does not have are named: it would keep them without heeding them. */
export function printIndex(name: string, entry: IndexEntry): { config: object; notes: string[] } {
  const all = Object.entries(entry)
  const left = all.filter(([option]) => !devpiOptions.has(option))
  return {
    config: Object.fromEntries(all.filter(([option]) => devpiOptions.has(option))),
    notes: left.map(([option]) => `index ${name}: devpi has no option ${option}; it was left out`),
  }
}
