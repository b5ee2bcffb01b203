/** What happens before a server may listen: a new data folder is set up, an open one kept from the world. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { printPlace } from '#base/listen-place'
import type { Log } from '#base/log'
import { StartRefused } from '#base/start-refused'
import { findExposed, type Config } from '#config'
import { listenPlaces } from '#config-places'
import type { Ledger } from '#ledger/ledger'
import { LEDGER_FILE } from '#ledger/open-ledger'
import { findPypiAddress } from '#mirror/pypi-address'
import { isPasswordHash } from '#registry/passwords'
import * as beginning from '#registry/set-up'

/** What the machine is set up with: where PyPI's address is looked for. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

interface Preparing {
  readonly machine: Machine
  readonly log: Log
  /** Resolves when requests are answered. What may be known later waits for it: it would take time from the start. */
  readonly ready: Promise<void>
}

/** Sets up a new data folder; sees to it that an open one is not shown to the world. */
export async function prepare(
  config: Config,
  ledger: Ledger,
  { machine, log, ready }: Preparing,
): Promise<void> {
  const rootPassword = config.rootPasswordFile?.secret
  if (!(await beginning.isSetUp(ledger))) {
    const root = firstPassword(config)
    const rootPypi = config.noRootPypi
      ? undefined
      : await findSetAddress(config, ledger, { machine, log, ready })
    await beginning.setUp(ledger, { rootPypi, ...root })
  } else if (await beginning.lacksPypiAddress(ledger)) {
    void tellAddress(
      findAddress(config, machine, () => ready),
      ledger,
      log,
    )
  }
  if (rootPassword !== undefined) await beginning.closeRoot(ledger, rootPassword)
  await assertRootClosed(config, ledger)
}

/** Refuses to show the world a server that anybody could manage. */
export async function assertRootClosed(config: Config, ledger: Ledger): Promise<void> {
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

/** Sets up a new data folder, however long PyPI's address takes to find. */
export async function setUpNow(
  config: Config,
  ledger: Ledger,
  machine: Machine,
): Promise<{ isNew: boolean; missing: string | undefined }> {
  const root = firstPassword(config)
  const found = config.noRootPypi ? undefined : await findAddress(config, machine)
  const url = found && 'url' in found ? found.url : undefined
  const isNew = await beginning.setUp(ledger, { rootPypi: found && { url }, ...root })
  return { isNew, missing: found && 'missing' in found ? found.missing : undefined }
}

/** What root begins with. */
export function firstPassword({
  rootPasswordFile,
  rootPassword,
  rootPasswordHash: rootHash,
}: Config) {
  if (rootHash !== undefined && !isPasswordHash(rootHash)) {
    throw new StartRefused('--root-password-hash is no argon2 hash that can be checked here.', [
      'a hash such as $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH, or --root-password-file FILE',
    ])
  }
  return { rootPassword: rootPasswordFile?.secret ?? rootPassword ?? '', rootHash }
}

/** Refuses the folder of a devpi-server: an empty server would stand where its users look for their packages. */
export function assertNotDevpi(dir: string): void {
  const isDevpi = ['.serverversion', '.nodeinfo'].some((name) => existsSync(join(dir, name)))
  if (!isDevpi || existsSync(join(dir, LEDGER_FILE))) return
  throw new StartRefused(
    `${dir} holds the data of a devpi-server, which Wheelyard does not change.`,
    [
      '--dir DIR (or --serverdir), with a folder of its own',
      `wheelyard follow-devpi --from ${dir} --dir DIR, which takes over all that it has`,
    ],
  )
}

const findAddress = (config: Config, { env, cwd }: Machine, beforePip?: () => Promise<void>) =>
  findPypiAddress({
    ...(beforePip && { beforePip }),
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

/** PyPI's address if a setting tells it; otherwise root/pypi is told when pip has been asked. */
async function findSetAddress(
  config: Config,
  ledger: Ledger,
  { machine, log, ready }: Preparing,
): Promise<{ url: string | undefined }> {
  const unset = Promise.withResolvers<undefined>()
  const search = findAddress(config, machine, () => {
    unset.resolve(undefined)
    return ready
  })
  const found = await Promise.race([search, unset.promise])
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
