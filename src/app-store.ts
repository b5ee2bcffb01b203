/** The data in a folder: what everything else works on. */
import { join } from 'node:path'
import { lockFolder, shareFolder } from '#base/folder-lock'
import { makeFolder } from '#base/make-folder'
import { StartRefused } from '#base/start-refused'
import type { BlobStore } from '#blobs/blob-store'
import { openFilesystemBlobs } from '#blobs/backends/filesystem'
import type { Config } from '#config'
import type { Ledger, LedgerOptions } from '#ledger/ledger'
import { openLedger } from '#ledger/open-ledger'
import { findReplicaMark } from '#replication/replica-mark'

export interface Store {
  readonly ledger: Ledger
  readonly blobs: BlobStore
  close(): Promise<void>
}

/** The data in a folder, without a server. Makes the folder where there is none. */
export async function openStore(
  config: Pick<Config, 'dir'>,
  options: Pick<LedgerOptions, 'soleWriter' | 'onCommit'> = {},
): Promise<Store> {
  await makeFolder(config.dir, 0o750)
  const isFollower = (await findReplicaMark(config.dir)) !== undefined
  const [ledger, blobs] = await Promise.all([
    openLedger(config.dir, { ...options, isFollower }),
    openFilesystemBlobs(join(config.dir, 'blobs')),
  ])
  return { ledger, blobs, close: () => closeStore(ledger, blobs) }
}

/** The same for a server, whose folder nobody else may be alone with; a sole writer is so itself. */
export async function openServedStore(
  config: Pick<Config, 'dir'>,
  options: Pick<LedgerOptions, 'soleWriter' | 'onCommit'> = {},
): Promise<Store> {
  const { dir } = config
  await makeFolder(dir, 0o750)
  const isAlone = options.soleWriter !== undefined
  const lock = isAlone ? lockFolder(dir) : shareFolder(dir)
  if (!lock && isAlone) {
    throw new StartRefused(`A server runs on ${dir}.`, ['the same once that one is stopped'])
  }
  if (!lock) {
    throw new StartRefused(`${dir} is being changed by another process.`, [
      'the same in a moment, when it is done; or once `wheelyard follow-devpi` is stopped, if it runs on it',
    ])
  }
  try {
    const store = await openStore(config, options)
    return { ...store, close: () => store.close().finally(() => lock.release()) }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function closeStore(ledger: Ledger, blobs: BlobStore): Promise<void> {
  await blobs.close()
  await ledger.close()
}
