/** The data folder, opened by a command that works on it without a server. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '#app-store'
import type { Config } from '#config'
import { LEDGER_FILE } from '#ledger/open-ledger'
import { CommandFailed } from '../failure.ts'

interface StoreUse {
  /** Refused while somebody is alone with the folder, such as who follows a devpi-server. */
  readonly changes?: boolean
}

/** Does `work` on the store of a folder that is one: in a mistyped one nothing must be made. */
export async function withStore<T>(
  config: Config,
  work: (store: Store) => Promise<T>,
  { changes = false }: StoreUse = {},
): Promise<T> {
  await assertDataFolder(config)
  const { openServedStore, openStore } = await import('#app-store')
  const store = await (changes ? openServedStore(config) : openStore(config))
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

export async function assertDataFolder(config: Config): Promise<void> {
  await access(join(config.dir, LEDGER_FILE)).catch(() => {
    const tries = ['--dir DIR, with the folder that the server has its data in']
    throw new CommandFailed(`${config.dir} is no data folder of Wheelyard.`, tries)
  })
}
