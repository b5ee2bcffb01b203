/** A data folder that is set up without being served. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openNodeFile } from '#base/node-file'
import { StartRefused } from '#base/start-refused'
import type { Config } from '#config'
import { LEDGER_FILE } from '#ledger/open-ledger'
import { isSetUp } from '#registry/set-up'
import { openStore } from './app-store.ts'
import { assertNotDevpi, setUpNow, type Machine } from './app-beginning.ts'

/** Returns why root/pypi has no upstream, if it has none. Refuses a folder that is set up. */
export async function initialise(
  config: Config,
  machine: Machine,
): Promise<{ missing: string | undefined }> {
  assertNotDevpi(config.dir)
  if (config.primaryUrl !== undefined) {
    throw new StartRefused('A replica gets all it needs from its primary.', [
      `wheelyard serve --dir ${config.dir} --primary-url ${config.primaryUrl} --secret-file FILE`,
    ])
  }
  const refused = () =>
    new StartRefused(`The path '${config.dir}' already contains data of Wheelyard.`, [
      `wheelyard serve --dir ${config.dir}`,
    ])
  const isThere = existsSync(join(config.dir, LEDGER_FILE))
  const store = await openStore(config)
  try {
    if (isThere && (await isSetUp(store.ledger))) throw refused()
    const { isNew, missing } = await setUpNow(config, store.ledger, machine)
    if (!isNew) throw refused()
    await openNodeFile(config.dir)
    return { missing }
  } finally {
    await store.close()
  }
}
