/**
 * The files of a dump: `dump.json` says how far it goes, `changes/` holds changes in files of some thousands, a JSON line
 * each, `blobs/ab/…` the bytes that they name. A file stands under its name only once it is whole.
 */
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { syncFolder } from '#base/sync-folder'
import type { Sha256 } from '#base/digest'
import type { Change, ChangedEntry } from '#ledger/change'
import type { Serial } from '#ledger/key'
import { Unusable } from '../problems.ts'

export const DUMP_FORMAT = 1

export interface DumpManifest {
  readonly format: number
  /** The last change that the dump holds; the first is 0. */
  readonly serial: Serial
  /** Of that change. */
  readonly hash: string
  /** Whether the last run came to its end. */
  readonly isWhole: boolean
  /** Whether the dump has its own blobs. */
  readonly hasBlobs: boolean
}

const MANIFEST = 'dump.json'
const CHANGES = 'changes'

/** Undefined where there is none. Throws `Unusable` for one that cannot be read. */
export async function readManifest(folder: string): Promise<DumpManifest | undefined> {
  let text: string
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const manifest = parse(text) as Partial<DumpManifest> | undefined
  const { format, serial, hash } = manifest ?? {}
  if (typeof format === 'number' && format > DUMP_FORMAT) {
    throw new Unusable(
      `${folder} is a dump in format ${format}; formats up to ${DUMP_FORMAT} are known.`,
    )
  }
  if (typeof format !== 'number' || !Number.isSafeInteger(serial) || typeof hash !== 'string') {
    throw new Unusable(`${join(folder, MANIFEST)} is broken.`)
  }
  return manifest as DumpManifest
}

export const writeManifest = (folder: string, manifest: DumpManifest): Promise<void> =>
  writeWhole(join(folder, MANIFEST), `${JSON.stringify(manifest)}\n`)

export const blobPath = (folder: string, digest: Sha256): string =>
  join(folder, 'blobs', digest.slice(0, 2), digest)

const segmentName = (first: Serial): string => `${String(first).padStart(12, '0')}.jsonl`

/** One file of changes, whose first is `first`. */
export async function writeSegment(folder: string, changes: readonly Change[]): Promise<void> {
  const lines = changes.map((change) => `${JSON.stringify(asLine(change))}\n`)
  await writeWhole(join(folder, CHANGES, segmentName(changes[0]?.serial ?? 0)), lines.join(''))
}

/** Entries as pairs: a dump is mostly made of them. */
const asLine = ({ entries, ...change }: Change) => ({
  ...change,
  entries: entries.map(({ path, value }) => [path, value]),
})

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 })
  const begun = `${path}.part`
  {
    await using file = await open(begun, 'w', 0o640)
    await file.writeFile(text)
    await file.sync()
  }
  await rename(begun, path)
  await syncFolder(dirname(path))
}

/**
 * The changes of a dump from a serial to the last that it counts. Throws `Unusable`, with file and line, for what is no
 * change or does not come next.
 */
export async function* readSegments(
  folder: string,
  { from, to }: { readonly from: Serial; readonly to: Serial },
): AsyncGenerator<Change, void, void> {
  const names = (await listSegments(folder)).toSorted()
  let next: Serial | undefined
  for (const [at, name] of names.entries()) {
    const following = names[at + 1]
    // All of it is before what is asked for.
    if (following !== undefined && Number.parseInt(following, 10) <= from) continue
    const path = join(folder, CHANGES, name)
    for await (const change of readSegment(path)) {
      next ??= change.serial
      if (change.serial < next) continue // an earlier run had got further than its dump.json
      if (change.serial !== next) {
        throw new Unusable(`${path} has change ${change.serial} where ${next} comes next.`)
      }
      if (change.serial > to) return
      next = change.serial + 1
      if (change.serial >= from) yield change
    }
  }
  if ((next ?? 0) <= to) throw new Unusable(`The dump ${folder} lacks change ${next ?? 0}.`)
}

async function listSegments(folder: string): Promise<string[]> {
  try {
    const names = await readdir(join(folder, CHANGES))
    return names.filter((name) => /^\d{12}\.jsonl$/.test(name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function* readSegment(path: string): AsyncGenerator<Change, void, void> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity })
  let line = 0
  for await (const text of lines) {
    line++
    const change = readLine(text)
    if (!change) throw new Unusable(`${path}, line ${line}, is no change.`)
    yield change
  }
}

function readLine(text: string): Change | undefined {
  const value = parse(text) as Partial<Record<keyof Change, unknown>> | undefined
  if (typeof value !== 'object' || value === null) return undefined
  const { serial, at, actor, epoch, format, hash, entries } = value
  const areNumbers = [serial, at, epoch, format].every(Number.isSafeInteger)
  if (!areNumbers || typeof actor !== 'string' || typeof hash !== 'string') return undefined
  const read = Array.isArray(entries) ? entries.map(readEntry) : [undefined]
  if (read.includes(undefined)) return undefined
  return { ...(value as Omit<Change, 'entries'>), entries: read as ChangedEntry[] }
}

function readEntry(value: unknown): ChangedEntry | undefined {
  const [path, text] = Array.isArray(value) ? (value as unknown[]) : []
  if (typeof path !== 'string' || (text !== null && typeof text !== 'string')) return undefined
  return { path, value: text }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
