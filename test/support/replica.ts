/** A primary and its replica in this process, each on its own data folder, with a wire between them that can be cut. */
import type { Config } from '#config'
import { startApi, type Api } from './api.ts'
import { makeSharedSecret } from './feed.ts'
import { startRelay, type Relay } from './relay.ts'
import { reached, until } from './until.ts'

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
    await reached(replica.ledger, primary.serial)
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
