/** A primary and replicas of it as processes, each on its own data folder, and what an operator does to them. */
import { openLedger } from '#ledger/open-ledger'
import { runCommand } from './command.ts'
import { makeSharedSecret } from './feed.ts'
import { listFiles } from './listed-files.ts'
import type { RunResult } from './process.ts'
import { findFreePort } from './ports.ts'
import { until } from './until.ts'
import { makeUploader } from './uploader.ts'
import { makeWheel } from './wheel.ts'
import { startYard, type Yard, type YardOptions } from './yard.ts'

export interface Group extends AsyncDisposable {
  readonly primary: Yard
  readonly secretFile: string
  /** One more server, with the secret of the group; on an empty folder unless one is given. */
  start(options?: Started): Promise<Yard>
  startReplica(of?: Yard, options?: Started): Promise<Yard>
}

interface Started extends Pick<YardOptions, 'args' | 'folder'> {
  /** It tells others its address. */
  readonly isKnown?: boolean
}

/** The primary has the index ada/dev. Each server keeps its address over restarts. */
export async function startGroup(): Promise<Group> {
  await using stack = new AsyncDisposableStack()
  const secret = stack.use(await makeSharedSecret())
  const common = ['--secret-file', secret.path]
  const at = async (isKnown = false) => {
    const port = await findFreePort()
    const known = isKnown ? ['--outside-url', `http://127.0.0.1:${port}`] : []
    return ['--port', `${port}`, ...known]
  }
  const primary = stack.use(
    await startYard({ stages: ['ada/dev'], args: [...common, ...(await at())] }),
  )
  const owned = stack.move()
  const start: Group['start'] = async ({ args = [], isKnown, ...options } = {}) =>
    owned.use(await startYard({ ...options, args: [...common, ...(await at(isKnown)), ...args] }))
  return {
    primary,
    secretFile: secret.path,
    start,
    startReplica: (of = primary, options = {}) =>
      start({ ...options, args: ['--primary-url', of.url(), ...(options.args ?? [])] }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into it without asking what it is
export async function statusOf(yard: Yard): Promise<any> {
  const answer = await fetch(yard.url('+status'), { headers: { accept: 'application/json' } })
  return ((await answer.json()) as { result: unknown }).result
}

/** The replica has all that the primary has now, files included. */
export async function complete(replica: Yard, primary: Yard): Promise<void> {
  const last = (await statusOf(primary)).serial
  await until(async () => {
    const { serial, blobs } = await statusOf(replica)
    return serial >= last && blobs['changes-to-look-at'] === 0 && blobs.missing === 0
  })
}

/** Sends a file of the project anchor to ada/dev; returns the status, 0 where nobody answers. */
export async function upload(yard: Yard, version: string): Promise<number> {
  using uploader = makeUploader()
  try {
    return (await uploader.upload(yard.url('ada/dev/'), makeWheel('anchor', version))).status
  } catch {
    return 0
  }
}

export const versionsOn = async (yard: Yard): Promise<string[]> =>
  (await listFiles(yard.url('ada/dev/+simple/anchor/'))).map(
    ({ filename }) => filename.split('-')[1] ?? '',
  )

/** Makes a replica the primary. Resolves once it takes changes. */
export async function promote(replica: Yard, ...words: readonly string[]): Promise<void> {
  const { code, output } = await admin(replica, 'promote', ...words)
  if (code !== 0) throw new Error(output)
  await until(async () => (await statusOf(replica).catch(() => undefined))?.role === 'MASTER')
}

/** The changes of a server that is stopped, by their hashes. */
export async function hashesOf({ folder }: Yard): Promise<string[]> {
  const ledger = await openLedger(folder)
  const hashes: string[] = []
  for (let serial = 0; serial <= ledger.serial; serial++) {
    hashes.push((await ledger.change(serial))?.hash ?? '')
  }
  await ledger.close()
  return hashes
}

/** `wheelyard admin WORDS --dir` the folder of a server. */
export const admin = ({ folder }: Yard, ...words: readonly string[]): Promise<RunResult> =>
  runCommand(['admin', ...words, '--dir', folder], { cwd: folder })
