/** The folder of a devpi-server as a data folder, without asking anybody. */
import { openNodeFile } from '#base/node-file'
import type { Config } from '#config'
import { DEVPI_ACTOR } from '#migration/devpi-applier'
import { openHistory } from '#migration/devpi-folder'
import { findFollowed } from '#migration/devpi-server'
import { writeImportMark } from '#migration/import-mark'
import { takeDevpiFolder, type TakeDevpiOrder, type TakenDevpi } from '#migration/take-devpi-folder'
import { assertNotDevpi } from './app-beginning.ts'
import { assertMayFollow } from './app-devpi.ts'
import { openServedStore } from './app-store.ts'

export { kindOfFolder } from '#migration/devpi-folder'
export type { DevpiPlace, LocalFiles } from '#migration/devpi-server'

export interface DevpiTaking {
  /** Changes that are still to come. */
  readonly changes: number
  run(told: Pick<TakeDevpiOrder, 'onChanges' | 'onFiles'>): Promise<TakenDevpi>
  close(): Promise<void>
}

/** Looks at both folders, of which nobody may serve ours meanwhile. `close` must follow. */
export async function prepareDevpiTaking(
  config: Pick<Config, 'dir'>,
  { local, cost }: Pick<TakeDevpiOrder, 'local' | 'cost'>,
): Promise<DevpiTaking> {
  const { dir } = config
  assertNotDevpi(dir)
  const history = openHistory(local.folder)
  try {
    const store = await openServedStore(config, { soleWriter: DEVPI_ACTOR })
    const close = async (): Promise<void> => {
      history[Symbol.dispose]()
      await store.close()
    }
    try {
      await assertMayFollow(dir, store.ledger)
      const here = (await findFollowed(store.ledger))?.serial ?? -1
      return { changes: Math.max(history.serial - here, 0), run, close }
    } catch (error) {
      await store.close()
      throw error
    }

    async function run(told: Pick<TakeDevpiOrder, 'onChanges' | 'onFiles'>): Promise<TakenDevpi> {
      const mark = { kind: 'devpi server', source: local.folder } as const
      await writeImportMark(dir, { ...mark, isFinished: false })
      await openNodeFile(dir)
      const taken = await takeDevpiFolder(store, { history, local, cost, ...told })
      await writeImportMark(dir, { ...mark, isFinished: true })
      return taken
    }
  } catch (error) {
    history[Symbol.dispose]()
    throw error
  }
}
