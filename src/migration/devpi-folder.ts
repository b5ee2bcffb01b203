/**
 * The folder of a devpi-server (devpi-replication, section 12): its history, as its changelog would send it, and its files.
 * Of an export, which has no history, the files alone. Both are read only; a server may run on the folder.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartRefused } from '#base/start-refused'
import { readEntry, type ChangelogEntry } from './devpi/changelog.ts'
import { NotDevpi } from './devpi/values.ts'
import { readValue } from './devpi/value-reader.ts'

/** Entries that are read in one go: whoever writes there waits for it. */
const PORTION = 50
const LOCK_TIMEOUT_MS = 20_000

export interface DevpiHistory extends Disposable {
  /** Whose it is: of a replica's folder, its primary's. */
  readonly uuid: string
  /** The last one, when it was opened. */
  readonly serial: number
  /** Those from a serial on, some at a time. Throws `NotDevpi`. */
  entries(from: number): Generator<readonly ChangelogEntry[], void, void>
}

export type DevpiFolderKind = 'server' | 'export'

/** Undefined for a folder that is neither. */
export function kindOfFolder(folder: string): DevpiFolderKind | undefined {
  if (existsSync(join(folder, '.serverversion'))) return 'server'
  return existsSync(join(folder, 'dataindex.json')) ? 'export' : undefined
}

/** Refuses what this version cannot read. */
export function openHistory(folder: string): DevpiHistory {
  const version = readFileSync(join(folder, '.serverversion'), 'utf8').trim()
  if (version.split('.')[0] !== '4') {
    throw new StartRefused(
      `${folder} is a devpi-server's in format ${version}, and this version knows 4.`,
      ['devpi-export, with the devpi-server that it is of, and wheelyard admin import-devpi'],
    )
  }
  const file = join(folder, '.sqlite')
  if (!existsSync(file)) {
    throw new StartRefused(`${folder} has no .sqlite: its data lies in another storage.`, [
      'wheelyard follow-devpi URL, without --from',
    ])
  }
  const uuid = readUuid(folder)
  const db = open(file)
  const { last } = db.prepare('SELECT max(serial) AS last FROM changelog').get() as {
    last: number | null
  }
  const read = db.prepare(
    'SELECT serial, data FROM changelog WHERE serial BETWEEN ? AND ? ORDER BY serial LIMIT ?',
  )
  const serial = last ?? -1
  return { uuid, serial, entries, [Symbol.dispose]: () => db.close() }

  function* entries(from: number): Generator<readonly ChangelogEntry[], void, void> {
    for (let next = from; next <= serial;) {
      const rows = read.all(next, serial, PORTION) as { serial: number; data: Uint8Array }[]
      const portion = rows.map((row, place) => {
        if (row.serial !== next + place) throw missing(next + place)
        return readRow(row)
      })
      if (portion.length === 0) throw missing(next)
      yield portion
      next += portion.length
    }
  }
}

const missing = (serial: number): NotDevpi =>
  new NotDevpi(`serial ${serial} is missing in its changelog: take its export instead`)

function readRow({ serial, data }: { serial: number; data: Uint8Array }): ChangelogEntry {
  const value = readValue(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  return readEntry(serial, Array.isArray(value) ? value[0] : undefined)
}

function open(file: string): DatabaseSync {
  try {
    const db = new DatabaseSync(file, { readOnly: true, timeout: LOCK_TIMEOUT_MS })
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return db
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StartRefused(
      `${file} cannot be read: ${reason}.`,
      ['start and stop that devpi-server once: it repairs what a crash has left'],
      { cause },
    )
  }
}

function readUuid(folder: string): string {
  const file = join(folder, '.nodeinfo')
  try {
    const node = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    const own =
      node['role'] === 'replica' ? (node['primary-uuid'] ?? node['master-uuid']) : node['uuid']
    if (typeof own === 'string' && own !== '') return own
  } catch (cause) {
    throw new StartRefused(`${file} cannot be read.`, [], { cause })
  }
  throw new StartRefused(`${file} does not say which server it is.`)
}
