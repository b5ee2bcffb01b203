/**
 * A dump goes into a data folder, change by change as they were made: first all of it is read and its chain of hashes
 * checked, then each change is taken over after the blobs that it names. What was broken off goes on where it was.
 */
import { lstat } from 'node:fs/promises'
import type { Sha256 } from '#base/digest'
import { mapInParallel } from '#base/parallel'
import type { BlobStore } from '#blobs/blob-store'
import { CHANGE_FORMAT, hashChange, type Change } from '#ledger/change'
import type { Ledger } from '#ledger/ledger'
import { listNeededBlobs } from '#registry/needed-blobs'
import { blobsOf } from './dump/named.ts'
import { blobPath, readManifest, readSegments, type DumpManifest } from './dump/segments.ts'
import { Problems, Unusable, type Problem } from './problems.ts'
import { keepBlob, stageFile } from './take-file.ts'

export type { DumpManifest } from './dump/segments.ts'

export interface LoadOrder {
  readonly folder: string
  readonly hardLinks: boolean
  readonly onChanges?: (changes: number) => void
}

export interface LoadOutcome {
  readonly serial: number
  /** Those that were taken over now. */
  readonly changes: number
  readonly blobs: number
  /** What is needed and neither in the dump nor here, and blobs of the dump that are damaged. */
  readonly problems: readonly Problem[]
  readonly failed: number
}

interface Needs {
  /** That of the folder: a follower. */
  readonly ledger: Ledger
  readonly blobs: BlobStore
}

/** Taken over in one commit. */
const PORTION = 500
const MOST_TEXT = 4 * 1024 * 1024
const AT_ONCE = 8

/** Reads all of it. Throws `Unusable`. */
export async function surveyDump(folder: string): Promise<DumpManifest> {
  const manifest = await readManifest(folder)
  if (!manifest) throw new Unusable(`${folder} has no dump.json: it is no dump.`)
  if (!manifest.isWhole) {
    throw new Unusable(`The dump ${folder} was not finished: run \`wheelyard admin dump\` again.`)
  }
  let hash = ''
  for await (const change of readSegments(folder, { from: 0, to: manifest.serial })) {
    if (change.format > CHANGE_FORMAT) {
      throw new Unusable(
        `Change ${change.serial} is in format ${change.format}; formats up to ${CHANGE_FORMAT} are known.`,
      )
    }
    if (hashChange(hash, change) !== change.hash) {
      throw new Unusable(`Change ${change.serial} of the dump was altered: its hash does not fit.`)
    }
    hash = change.hash
  }
  if (hash !== manifest.hash) throw new Unusable('dump.json is of other changes than are there.')
  return manifest
}

/** Throws `Unusable` where the folder's ledger is not the beginning of the dump's. */
export async function assertBeginning(
  ledger: Ledger,
  folder: string,
  { serial: last }: DumpManifest,
): Promise<void> {
  const { serial } = ledger
  if (serial < 0) return
  const here = await ledger.change(Math.min(serial, last))
  const range = { from: Math.min(serial, last), to: Math.min(serial, last) }
  for await (const change of readSegments(folder, range)) {
    if (change.hash === here?.hash && serial <= last) return
  }
  throw new Unusable(
    serial > last
      ? `The data folder is at serial ${serial}, and the dump ends at ${last}.`
      : `The data folder has another history than the dump: its change ${serial} is not the dump's.`,
  )
}

export async function load(
  needs: Needs,
  order: LoadOrder,
  { serial: last, hasBlobs }: DumpManifest,
): Promise<LoadOutcome> {
  const { ledger } = needs
  const { folder, onChanges } = order
  const problems = new Problems()
  const from = ledger.serial + 1
  let portion: Change[] = []
  let text = 0
  let blobs = 0
  const takePortion = async (): Promise<void> => {
    if (hasBlobs) blobs += await takeBlobs(needs, order, portion, problems)
    await ledger.takeOver(portion)
    onChanges?.(portion.length)
    portion = []
    text = 0
  }
  for await (const change of readSegments(folder, { from, to: last })) {
    portion.push(change)
    for (const { value } of change.entries) text += value?.length ?? 0
    if (portion.length >= PORTION || text > MOST_TEXT) await takePortion()
  }
  if (portion.length > 0) await takePortion()
  blobs += await findMissing(needs, order, problems, hasBlobs)
  return {
    ...{ serial: last, changes: last - from + 1, blobs },
    ...{ problems: problems.list, failed: problems.count },
  }
}

/** Those that the dump lacks may be here; what is needed and is not is told at the end. */
async function takeBlobs(
  needs: Needs,
  order: LoadOrder,
  changes: readonly Change[],
  problems: Problems,
): Promise<number> {
  const named = [...new Set(changes.flatMap(blobsOf))]
  const taken = await mapInParallel(named, AT_ONCE, (digest) =>
    takeBlob(needs.blobs, order, digest, problems),
  )
  return taken.filter(Boolean).length
}

async function takeBlob(
  blobs: BlobStore,
  { folder, hardLinks }: LoadOrder,
  digest: Sha256,
  problems: Problems,
): Promise<boolean> {
  const path = blobPath(folder, digest)
  const present = await lstat(path).catch(() => undefined)
  if (!present?.isFile() || (await blobs.size(digest)) === present.size) return false
  await using staged = await stageFile(blobs, path, { hardLinks })
  if (staged.digest !== digest) {
    problems.add(path, 'it is damaged: its SHA-256 is not its name')
    return false
  }
  await keepBlob(blobs, staged)
  return true
}

/** Also gets what was damaged in the dump when a run before this one came by. */
async function findMissing(
  { ledger, blobs }: Needs,
  order: LoadOrder,
  problems: Problems,
  hasBlobs: boolean,
): Promise<number> {
  let taken = 0
  for await (const { digest, neededBy } of listNeededBlobs({ ledger })) {
    if ((await blobs.size(digest)) !== undefined) continue
    if (hasBlobs && (await takeBlob(blobs, order, digest, problems))) taken++
    else problems.add(neededBy, `its blob ${digest} is neither here nor in the dump`)
  }
  return taken
}
