/**
 * What a server wrote and its group went on without, kept for a person to look at:
 *
 * ```text
 * set-aside/FIRST-LAST-HASH/        the first and the last serial, and the beginning of the last one's hash
 *   about.json                      what this is, in short
 *   changes.jsonl                   the changes, a line of JSON each
 *   file/USER/INDEX/PROJECT/NAME    the files that they name, below the paths of their keys; docs/ and toxresult/ too
 * ```
 */
import { constants } from 'node:fs'
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Sha256 } from '#base/digest'
import { errorCode } from '#base/disk-failure'
import { makeFolder } from '#base/make-folder'
import { syncFolder } from '#base/sync-folder'
import type { BlobStore } from '#blobs/blob-store'
import type { Change, ChangedEntry } from '#ledger/change'
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'

export interface SetAside {
  /** Of its folder below `set-aside`. */
  readonly name: string
  /** The first and the last serial. */
  readonly from: Serial
  readonly to: Serial
  /** Instants of the first and the last change, and of when they were set aside. */
  readonly firstAt: number
  readonly lastAt: number
  readonly setAsideAt: number
  /** The epoch that they were written in, and the one that went on without them. */
  readonly epoch: number
  readonly laterEpoch: number
  readonly primaryUrl: string
  /** Files that lie beside the changes. */
  readonly files: number
  /** Keys whose files were not here. */
  readonly missing: readonly string[]
}

export interface SetAsideOrder {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  readonly namedBlobs: (path: string, value: unknown) => readonly Sha256[]
  /** The last change that stays. */
  readonly common: Serial
  readonly laterEpoch: number
  readonly primaryUrl: string
  readonly now: number
}

const FOLDER = 'set-aside'

/** Copies all changes after the common one, with their files, durably. Done before, it changes nothing. */
export async function setAside(dir: string, order: SetAsideOrder): Promise<SetAside> {
  const { ledger, common } = order
  const [first, last] = await Promise.all([ledger.change(common + 1), ledger.change(ledger.serial)])
  if (!first || !last) throw new Error(`there is nothing after ${common}`)
  const name = `${first.serial}-${last.serial}-${last.hash.slice(0, 8)}`
  const place = join(dir, FOLDER, name)
  const before = await findAbout(place)
  if (before) return before

  const temporary = `${place}.part`
  await rm(temporary, { recursive: true, force: true })
  await makeFolder(temporary, 0o700)
  const { files, missing } = await copyChanges(temporary, order)
  const about: SetAside = {
    name,
    ...{ from: first.serial, to: last.serial, firstAt: first.at, lastAt: last.at },
    ...{ setAsideAt: order.now, epoch: last.epoch, laterEpoch: order.laterEpoch },
    ...{ primaryUrl: order.primaryUrl, files, missing },
  }
  await writeDurably(join(temporary, 'about.json'), [`${JSON.stringify(about, undefined, 2)}\n`])
  await rename(temporary, place)
  await syncFolder(dirname(place))
  return about
}

/** Oldest first. */
export async function listSetAside(dir: string): Promise<SetAside[]> {
  const names = await readdir(join(dir, FOLDER)).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  })
  const whole = names.filter((name) => !name.endsWith('.part'))
  const found = await Promise.all(whole.map((name) => findAbout(join(dir, FOLDER, name))))
  return found
    .filter((about) => about !== undefined)
    .sort((one, other) => one.setAsideAt - other.setAsideAt)
}

export const setAsideFolder = (dir: string, { name }: SetAside): string => join(dir, FOLDER, name)

async function findAbout(place: string): Promise<SetAside | undefined> {
  try {
    return JSON.parse(await readFile(join(place, 'about.json'), 'utf8')) as SetAside
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined
    throw error
  }
}

async function copyChanges(
  folder: string,
  { ledger, blobs, namedBlobs, common }: SetAsideOrder,
): Promise<{ files: number; missing: string[] }> {
  let files = 0
  const missing: string[] = []
  async function* lines(): AsyncGenerator<string> {
    for (let serial = common + 1; serial <= ledger.serial; serial++) {
      const change = await ledger.change(serial)
      if (!change) throw new Error(`the ledger has no change ${serial}`)
      for (const entry of change.entries) await copyFiles(entry, serial)
      yield `${JSON.stringify(printable(change))}\n`
    }
  }
  async function copyFiles({ path, value }: ChangedEntry, serial: Serial): Promise<void> {
    if (value === null) return
    for (const [number, digest] of namedBlobs(path, JSON.parse(value)).entries()) {
      const source = await blobs.localPath(digest)
      if (source === undefined) missing.push(path)
      else if (await place(source, nameIn(folder, path, number), serial)) files++
    }
  }
  await writeDurably(join(folder, 'changes.jsonl'), lines())
  return { files, missing }
}

/** Below the path of its key; what else that key names has a number. */
function nameIn(folder: string, path: string, number: number): string {
  const safe = path
    .split('/')
    .map((segment) => (/^\.{1,2}$/.test(segment) ? `_${segment}` : segment))
  return join(folder, ...safe) + (number === 0 ? '' : `.${number}`)
}

/** Where the name is taken by an earlier change, with the serial behind it. */
async function place(source: string, wanted: string, serial: Serial): Promise<boolean> {
  await mkdir(dirname(wanted), { recursive: true, mode: 0o700 })
  for (const target of [wanted, `${wanted}.${serial}`]) {
    try {
      await linkOrCopy(source, target)
      return true
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
  }
  return false
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target)
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw error
    await copyFile(source, target, constants.COPYFILE_EXCL) // another file system, or one without links
  }
}

const printable = ({ serial, at, actor, epoch, hash, entries }: Change) => ({
  ...{ serial, at: new Date(at).toISOString(), actor, epoch, hash },
  entries: entries.map(({ path, value }) => ({
    path,
    value: value === null ? null : (JSON.parse(value) as unknown),
  })),
})

/** For its owner alone: password hashes may be in it. */
async function writeDurably(
  path: string,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(lines)
  await file.sync()
}
