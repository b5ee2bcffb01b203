/** The data folder, opened by a command that works on it without a server. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '#app-store'
import type { Config } from '#config'
import { LEDGER_FILE } from '#ledger/open-ledger'
import type { CommandOption } from '../command.ts'
import { CommandFailed } from '../failure.ts'

interface StoreUse {
  /**
   * Refused while somebody is alone with the folder, such as who follows a devpi-server; and for a folder that followed one until now,
   * which a change of its own would end: but where it `endsFollowing` on purpose.
   */
  readonly changes?: { readonly endsFollowing: boolean }
}

/** Of a command that changes a folder. */
export const endFollowingOption: CommandOption = {
  name: 'end-following',
  doc: 'Also change a folder that follows a devpi-server, which it then does no more.',
  group: 'Options',
}

/** Does `work` on the store of a folder that is one: in a mistyped one nothing must be made. */
export async function withStore<T>(
  config: Config,
  work: (store: Store) => Promise<T>,
  { changes }: StoreUse = {},
): Promise<T> {
  await assertDataFolder(config)
  const { openServedStore, openStore } = await import('#app-store')
  const store = await (changes ? openServedStore(config) : openStore(config))
  try {
    if (changes && !changes.endsFollowing) await assertOwn(config, store)
    return await work(store)
  } finally {
    await store.close()
  }
}

async function assertOwn({ dir }: Config, { ledger }: Store): Promise<void> {
  const { followsDevpi } = await import('#app-devpi')
  if (!(await followsDevpi(ledger))) return
  throw new CommandFailed(
    `${dir} follows a devpi-server, and a change of its own would end that.`,
    [
      'the same on devpi, whose changes come here',
      '--end-following, once this server is to take its place',
    ],
  )
}

export async function assertDataFolder(config: Config): Promise<void> {
  await access(join(config.dir, LEDGER_FILE)).catch(() => {
    const tries = ['--dir DIR, with the folder that the server has its data in']
    throw new CommandFailed(`${config.dir} is no data folder of Wheelyard.`, tries)
  })
}
