/** A primary and replicas of it as processes, each on its own data folder, and what an operator does to them. */
import { runCommand } from './command.ts'
import { makeSharedSecret } from './feed.ts'
import type { RunResult } from './process.ts'
import { until } from './until.ts'
import { startYard, type Yard, type YardOptions } from './yard.ts'

export interface Group extends AsyncDisposable {
  readonly primary: Yard
  /** One more server, with the secret of the group; on an empty folder unless one is given. */
  start(options?: Pick<YardOptions, 'args' | 'folder'>): Promise<Yard>
  startReplica(of?: Yard): Promise<Yard>
}

/** The primary has the index ada/dev. */
export async function startGroup(): Promise<Group> {
  await using stack = new AsyncDisposableStack()
  const secret = stack.use(await makeSharedSecret())
  const common = ['--secret-file', secret.path]
  const primary = stack.use(await startYard({ stages: ['ada/dev'], args: common }))
  const owned = stack.move()
  const start: Group['start'] = async ({ args = [], ...options } = {}) =>
    owned.use(await startYard({ ...options, args: [...common, ...args] }))
  return {
    primary,
    start,
    startReplica: (of = primary) => start({ args: ['--primary-url', of.url()] }),
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

/** `wheelyard admin WORDS --dir` the folder of a server. */
export const admin = ({ folder }: Yard, ...words: readonly string[]): Promise<RunResult> =>
  runCommand(['admin', ...words, '--dir', folder], { cwd: folder })
