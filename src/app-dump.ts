/** Dumps, made from a data folder and loaded into one. */
import { lockFolder } from '#base/folder-lock'
import { openNodeFile } from '#base/node-file'
import { StartRefused } from '#base/start-refused'
import { makeFolder } from '#base/make-folder'
import { join } from 'node:path'
import { openFilesystemBlobs } from '#blobs/backends/filesystem'
import type { Config } from '#config'
import { openLedger } from '#ledger/open-ledger'

import { writeImportMark } from '#migration/import-mark'
import {
  assertBeginning,
  load,
  surveyDump,
  type DumpManifest,
  type LoadOrder,
  type LoadOutcome,
} from '#migration/load'
import { findReplicaMark } from '#replication/replica-mark'
import { assertNotDevpi } from './app-beginning.ts'

export interface Loading {
  readonly manifest: DumpManifest
  /** Changes that are here already. */
  readonly here: number
  run(onChanges: (changes: number) => void): Promise<LoadOutcome>
  close(): Promise<void>
}

/** Looks at the dump and the folder, which nobody may serve meanwhile. `close` must follow. */
export async function prepareLoad(
  { dir }: Pick<Config, 'dir'>,
  order: Omit<LoadOrder, 'onChanges'> & { readonly skipsBroken: boolean },
): Promise<Loading> {
  assertNotDevpi(dir)
  const followed = await findReplicaMark(dir)
  if (followed) throw new StartRefused(`${dir} holds a replica of ${followed.primaryUrl}.`, [EMPTY])
  const manifest = await surveyDump(order.folder)
  await makeFolder(dir, 0o750)
  const lock = lockFolder(dir)
  if (!lock) throw new StartRefused(`A server runs on ${dir}.`, ['the same once it is stopped'])
  const ledger = await openLedger(dir, { isFollower: true })
  const blobs = await openFilesystemBlobs(join(dir, 'blobs'))
  const close = async (): Promise<void> => {
    await blobs.close()
    await ledger.close()
    lock.release()
  }
  try {
    await assertBeginning(ledger, order.folder, manifest)
  } catch (error) {
    await close()
    throw error
  }
  const mark = { kind: 'dump', source: order.folder } as const

  async function run(onChanges: (changes: number) => void): Promise<LoadOutcome> {
    await writeImportMark(dir, { ...mark, isFinished: false })
    const outcome = await load({ ledger, blobs }, { ...order, onChanges }, manifest)
    await openNodeFile(dir)
    if (outcome.failed === 0 || order.skipsBroken) {
      await writeImportMark(dir, { ...mark, isFinished: true })
    }
    return outcome
  }
  return { manifest, here: ledger.serial + 1, run, close }
}

const EMPTY = '--dir DIR, with a new folder'
