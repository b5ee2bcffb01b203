/** The whole ledger, with the blobs that it names, goes into a folder; again, only what has come since. */
import { constants } from 'node:fs'
import { copyFile, link, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Sha256 } from '#base/digest'
import { mapInParallel } from '#base/parallel'
import type { BlobStore } from '#blobs/blob-store'
import type { Change } from '#ledger/change'
import type { Ledger } from '#ledger/ledger'
import { listNeededBlobs } from '#registry/needed-blobs'
import { blobsOf } from './dump/named.ts'
import {
  blobPath,
  DUMP_FORMAT,
  readManifest,
  writeManifest,
  writeSegment,
  type DumpManifest,
} from './dump/segments.ts'
import { Problems, Unusable, type Problem } from './problems.ts'

export interface DumpOrder {
  readonly folder: string
  readonly hardLinks: boolean
  /** Without blobs the dump only names them. */
  readonly withBlobs: boolean
  /** How many changes there are to write, before the first. */
  readonly onBegin?: (changes: number) => void
  /** So many more are written. */
  readonly onChanges?: (changes: number) => void
}

export interface DumpOutcome {
  /** The last change that the dump holds. */
  readonly serial: number
  readonly changes: number
  /** Those that came into the dump. */
  readonly blobs: number
  readonly bytes: number
  /** What is needed and not here. */
  readonly missing: readonly Problem[]
  readonly missingCount: number
}

interface Needs {
  readonly ledger: Ledger
  readonly blobs: BlobStore
}

const AT_ONCE = 8
/** Of one file of changes. */
const MOST_CHANGES = 5000
/** Characters of their values. */
const MOST_TEXT = 4 * 1024 * 1024

/** Throws `Unusable` for a folder that holds anything but a dump of this ledger. */
export async function dump(needs: Needs, order: DumpOrder): Promise<DumpOutcome> {
  const { ledger } = needs
  const { folder, withBlobs, onBegin, onChanges } = order
  const before = await findEarlier(ledger, folder)
  if (before?.hasBlobs === false && withBlobs) {
    throw new Unusable(`${folder} is a dump without blobs; they belong to all of its changes.`)
  }
  await ledger.catchUp()
  const last = ledger.serial
  const from = (before?.serial ?? -1) + 1
  onBegin?.(last - from + 1)
  const copier = new Copier(needs.blobs, order)
  let changes: Change[] = []
  let text = 0
  const finish = async (isWhole: boolean): Promise<void> => {
    const end = changes.at(-1) ?? before
    if (!end) throw new Unusable('There is nothing to dump: the ledger has no changes.')
    if (withBlobs) await copier.copyAll(changes.flatMap(blobsOf))
    if (changes.length > 0) await writeSegment(folder, changes)
    const { serial, hash } = end
    await writeManifest(folder, {
      ...{ format: DUMP_FORMAT, serial, hash, isWhole },
      hasBlobs: withBlobs,
    })
    onChanges?.(changes.length)
  }
  for (let serial = from; serial <= last; serial++) {
    const change = await ledger.change(serial)
    if (!change) throw new Error(`the ledger has no change ${serial}`)
    changes.push(change)
    for (const { value } of change.entries) text += value?.length ?? 0
    if (changes.length < MOST_CHANGES && text < MOST_TEXT) continue
    await finish(false)
    changes = []
    text = 0
    if (serial === last) break
  }
  await endWith(folder, finish, changes)
  const missing = await findMissing(needs, withBlobs)
  return {
    ...{ serial: last, changes: last - from + 1, blobs: copier.copied, bytes: copier.bytes },
    ...{ missing: missing.list, missingCount: missing.count },
  }
}

/** The last file of changes may have been written already. */
async function endWith(
  folder: string,
  finish: (isWhole: boolean) => Promise<void>,
  changes: readonly Change[],
): Promise<void> {
  const manifest = changes.length === 0 ? await readManifest(folder) : undefined
  if (manifest) await writeManifest(folder, { ...manifest, isWhole: true })
  else await finish(true)
}

async function findEarlier(ledger: Ledger, folder: string): Promise<DumpManifest | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o750 })
  const manifest = await readManifest(folder)
  if (!manifest) {
    const present = (await readdir(folder)).filter((name) => !['changes', 'blobs'].includes(name))
    if (present.length === 0) return undefined
    throw new Unusable(`${folder} holds something else than a dump: ${present[0]}.`)
  }
  const here = await ledger.change(manifest.serial)
  if (here?.hash === manifest.hash) return manifest
  throw new Unusable(
    `${folder} is a dump of another ledger: its change ${manifest.serial} is not the one here.`,
  )
}

async function findMissing({ ledger, blobs }: Needs, withBlobs: boolean): Promise<Problems> {
  const problems = new Problems()
  if (!withBlobs) return problems
  for await (const { digest, neededBy } of listNeededBlobs({ ledger })) {
    const isHere = (await blobs.size(digest)) !== undefined
    if (!isHere) problems.add(neededBy, `its blob ${digest} is not here`)
  }
  return problems
}

class Copier {
  copied = 0
  bytes = 0
  readonly #blobs: BlobStore
  readonly #order: DumpOrder

  constructor(blobs: BlobStore, order: DumpOrder) {
    this.#blobs = blobs
    this.#order = order
  }

  async copyAll(digests: readonly Sha256[]): Promise<void> {
    await mapInParallel([...new Set(digests)], AT_ONCE, (digest) => this.#copy(digest))
  }

  /** Those that are not here may have been swept, or never came: what of now needs them is told at the end. */
  async #copy(digest: Sha256): Promise<void> {
    const source = await this.#blobs.localPath(digest)
    if (source === undefined) return
    const { folder, hardLinks } = this.#order
    const target = blobPath(folder, digest)
    const { size } = await lstat(source)
    const present = await lstat(target).catch(() => undefined)
    if (present?.size === size) return
    const begun = `${target}.part`
    await mkdir(dirname(target), { recursive: true, mode: 0o750 })
    await rm(begun, { force: true })
    if (hardLinks) await link(source, begun)
    else await copyFile(source, begun, constants.COPYFILE_FICLONE)
    await rename(begun, target)
    this.copied++
    this.bytes += size
  }
}
