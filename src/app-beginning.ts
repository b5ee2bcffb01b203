/** What happens before a server may listen: a new data folder is set up, an open one kept from the world. */
import { homedir } from 'node:os'
import { printPlace } from '#base/listen-place'
import type { Log } from '#base/log'
import { StartRefused } from '#base/start-refused'
import { findExposed, type Config } from '#config'
import { listenPlaces } from '#config-places'
import type { Ledger } from '#ledger/ledger'
import { findPypiAddress } from '#mirror/pypi-address'
import * as beginning from '#registry/set-up'

/** What the machine is set up with: where PyPI's address is looked for. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** For so long after the command the first start waits for PyPI's address; later root/pypi is told when it is found. */
const ADDRESS_PATIENCE_MS = 450

/** In any case it waits until settings have been read; asking pip takes longer. */
const SETTINGS_PATIENCE_MS = 60

/** Sets up a new data folder; sees to it that an open one is not shown to the world. */
export async function prepare(
  config: Config,
  ledger: Ledger,
  machine: Machine,
  log: Log,
): Promise<void> {
  const rootPassword = config.rootPasswordFile?.secret
  if (!(await beginning.isSetUp(ledger))) {
    const rootPypi = config.noRootPypi
      ? undefined
      : await findAddressSoon(config, machine, ledger, log)
    await beginning.setUp(ledger, { rootPypi, rootPassword: rootPassword ?? '' })
  } else if (await beginning.lacksPypiAddress(ledger)) {
    void tellAddress(findAddress(config, machine), ledger, log)
  }
  if (rootPassword !== undefined) await beginning.closeRoot(ledger, rootPassword)
  const exposed = findExposed(config)
  if (exposed !== undefined && (await beginning.isRootOpen(ledger))) {
    throw new StartRefused(
      `The user root has an empty password: refusing to listen on ${exposed}, where others could use it.`,
      [
        'wheelyard serve --root-password-file FILE, with a file that holds a password',
        `wheelyard admin passwd root --dir ${config.dir}`,
      ],
    )
  }
}

const findAddress = (config: Config, { env, cwd }: Machine) =>
  findPypiAddress({
    option: config.pypiUrl,
    env,
    home: env.HOME ?? homedir(),
    cwd,
    platform: process.platform,
    ownOrigins: [
      ...listenPlaces(config).flatMap((place) =>
        'path' in place ? [] : [`http://${printPlace(place)}`, `http://localhost:${place.port}`],
      ),
      ...(config.outsideUrl === undefined ? [] : [new URL(config.outsideUrl).origin]),
    ],
  })

/** PyPI's address if it is found at once; otherwise root/pypi is told when it is. */
async function findAddressSoon(
  config: Config,
  machine: Machine,
  ledger: Ledger,
  log: Log,
): Promise<{ url: string | undefined }> {
  const search = findAddress(config, machine)
  const left = Math.max(ADDRESS_PATIENCE_MS - performance.now(), SETTINGS_PATIENCE_MS)
  const patience = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), left))
  const found = await Promise.race([search, patience])
  if (found && 'url' in found) return { url: found.url }
  void tellAddress(search, ledger, log)
  return { url: undefined }
}

async function tellAddress(
  search: ReturnType<typeof findPypiAddress>,
  ledger: Ledger,
  log: Log,
): Promise<void> {
  try {
    const found = await search
    if ('url' in found) await beginning.setPypiAddress(ledger, found.url)
    else log.warn({ index: beginning.ROOT_PYPI }, `root/pypi has no upstream: ${found.missing}`)
  } catch (error) {
    log.error({ error }, 'could not set the upstream of root/pypi')
  }
}
