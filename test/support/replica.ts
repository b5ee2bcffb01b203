/** A primary and its replica in this process, each on its own data folder, with a wire between them that can be cut. */
import { setImmediate } from 'node:timers/promises'
import type { Config } from '#config'
import { startApi, type Api } from './api.ts'
import { makeSharedSecret } from './feed.ts'
import { startRelay, type Relay } from './relay.ts'

export interface Pair extends AsyncDisposable {
  readonly primary: Api
  readonly replica: Api
  /** Between the two. */
  readonly wire: Relay
  /** Of both. */
  readonly secretFile: string
  /** The replica has all that the primary has now, without its blobs. */
  caughtUp(): Promise<void>
  /** The replica has the blobs too. */
  complete(): Promise<void>
}

export interface PairOptions {
  /** Made on the primary, with their users. */
  readonly indexes?: readonly string[]
  readonly primary?: Partial<Config>
  readonly replica?: Partial<Config>
}

export async function startPair(options: PairOptions = {}): Promise<Pair> {
  await using stack = new AsyncDisposableStack()
  const secret = stack.use(await makeSharedSecret())
  const { indexes = ['ada/dev'] } = options
  const secretFile = secret.path
  const logins = new Map<string, string>()
  const primary = stack.use(
    await startApi({
      ...{ transport: 'socket', indexes, logins },
      config: { secretFile, ...options.primary },
    }),
  )
  const wire = stack.use(await startRelay(primary.app.url))
  const replica = stack.use(
    await startApi({
      ...{ transport: 'socket', logins },
      config: { secretFile, primaryUrl: wire.url(), ...options.replica },
    }),
  )
  const owned = stack.move()

  async function caughtUp(): Promise<void> {
    await primary.ledger.catchUp()
    await reached(replica, primary.serial)
  }

  return {
    ...{ primary, replica, wire, secretFile, caughtUp },
    async complete() {
      await caughtUp()
      await until(async () => {
        const { blobs } = (await replica.get('/+status')).result
        return blobs['changes-to-look-at'] === 0
      })
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Resolves once a ledger is at a serial, as its followers hear of it. */
export async function reached({ ledger }: Api, serial: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = ledger.follow((notice) => {
    if (notice.serial >= serial) resolve()
  })
  if (ledger.serial >= serial) resolve()
  await promise
  stop()
}

/** Asks again and again, as somebody does who watches; the test's own limit ends it. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setImmediate()
}
