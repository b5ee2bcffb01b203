/** A replica beside the server of a test, with its settings and hooks, which is asked in its place. */
import type { App } from '#app'
import type { Config } from '#config'
import { makeSharedSecret } from './feed.ts'
import { findFreePort } from './ports.ts'
import { makeTempFolder } from './temp.ts'
import { reached } from './until.ts'

export interface ReplicaBeside {
  /** Starts the server, with others of its settings, and its replica. */
  start(more?: Partial<Config>): Promise<App>
  /** The replica, once it has what the server has. */
  caughtUp(server: App): Promise<App>
  stop(): Promise<void>
  /** Stops it and removes its data. */
  close(): Promise<void>
}

export async function prepareReplica(
  startWith: (more: Partial<Config>) => Promise<App>,
): Promise<ReplicaBeside> {
  const secret = await makeSharedSecret()
  const folder = await makeTempFolder('replica')
  // The server keeps its address over restarts.
  const port = await findFreePort()
  let replica: App | undefined

  async function stop(): Promise<void> {
    await replica?.close()
    replica = undefined
  }

  return {
    stop,
    async start(more = {}) {
      const secretFile = more.secretFile ?? secret.path
      const server = await startWith({ port, ...more, secretFile })
      const primaryUrl = `http://127.0.0.1:${port}`
      replica = await startWith({ ...more, secretFile, dir: folder.path, port: 0, primaryUrl })
      return server
    },
    async caughtUp(server) {
      await server.store.ledger.catchUp()
      await reached(replica!.store.ledger, server.store.ledger.serial)
      return replica!
    },
    async close() {
      await stop()
      await folder.remove()
      await secret[Symbol.asyncDispose]()
    },
  }
}
