/** A data folder as commands work with it that need what the server knows of upstreams and policies. */
import { importFiles, type Imported } from '#api/import-files'
import { systemClock } from '#base/clock'
import { createLog } from '#base/log'
import type { Config } from '#config'
import type { Mirrors } from '#mirror/mirrors'
import type { ProjectName } from '#python/name'
import type { RunningHook } from '#registry/hooks'
import type { IndexName } from '#registry/indexes'
import { Policies } from '#registry/policies'
import { startHooks, openHooks } from './app-hooks.ts'
import { openDownloads, openMirrors } from './app-services.ts'
import { openServedStore, type Store } from './app-store.ts'

/** What a command needs that looks upstream as the server does, and shows nothing that policies hide. */
export interface Workshop extends Store {
  readonly mirrors: Mirrors
  readonly policies: Policies
  /** The projects of these indexes that were downloaded most, the first the most. */
  listTop(indexes: readonly IndexName[], most: number): ProjectName[]
  /** All files of a folder, or none. */
  importFiles(order: { readonly folder: string; readonly index: IndexName }): Promise<Imported>
}

/** A data folder with its mirrors and policies, without a server; one may run beside it. */
export async function openWorkshop(config: Config): Promise<Workshop> {
  const log = createLog({ level: 'error' })
  const store = await openServedStore(config)
  const { ledger, blobs } = store
  let mirrors: Mirrors | undefined
  let running: readonly RunningHook[] = []

  function listTop(indexes: readonly IndexName[], most: number): ProjectName[] {
    const downloads = openDownloads(config)
    try {
      return downloads.listTop(indexes, most)
    } finally {
      downloads.close()
    }
  }

  async function close(): Promise<void> {
    await Promise.all(running.map((hook) => hook.close()))
    await mirrors?.close()
    await store.close()
    log.flush()
  }
  try {
    const hooks = await openHooks(config)
    mirrors = await openMirrors(config, store, { log, clock: systemClock })
    running = await startHooks(hooks, config, log)
    const policies = new Policies(hooks.filterLinks, systemClock)
    const needs = { ledger, blobs, maxSize: config.maxUploadSize }
    return {
      ...{ ledger, blobs, mirrors, policies, listTop, close },
      importFiles: (order) => importFiles(needs, order),
    }
  } catch (error) {
    await close().catch(() => undefined) // the first error is the one to tell
    throw error
  }
}
