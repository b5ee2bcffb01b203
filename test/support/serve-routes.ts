/** Routes behind a real socket, and requests written byte by byte. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { anonymous } from '#base/identity'
import { createLog } from '#base/log'
import type { Route } from '#http/route'
import { createServer, type Server, type ServerOptions } from '#http/server'

export interface RouteServer extends AsyncDisposable {
  readonly server: Server
  /** Without a trailing slash. */
  readonly url: string
  readonly port: number
  /** The log so far, a parsed object per line. */
  log(): readonly LogLine[]
  connect(): Promise<Socket>
  /** Writes the parts one after the other and reads until the server closes. */
  exchange(...parts: readonly (string | Uint8Array)[]): Promise<string>
}

export type LogLine = Readonly<Record<string, unknown>>

export async function serveRoutes(
  routes: readonly Route[],
  options: Partial<ServerOptions> = {},
): Promise<RouteServer> {
  const { server, log } = makeServer(routes, options)
  const { addresses } = await server.listen({ host: '127.0.0.1', port: 0 })
  const [address = ''] = addresses
  const port = Number(new URL(address).port)
  return {
    server,
    url: address,
    port,
    log,
    connect: openSocket,
    exchange,
    [Symbol.asyncDispose]: () => server.close(),
  }

  async function openSocket(): Promise<Socket> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }

  async function exchange(...parts: readonly (string | Uint8Array)[]): Promise<string> {
    const socket = await openSocket()
    const answer = readAll(socket)
    for (const part of parts) {
      if (!socket.write(part)) await Promise.race([once(socket, 'drain'), answer])
    }
    return answer
  }
}

/** A server that listens nowhere, for `inject`. */
export function makeServer(
  routes: readonly Route[],
  options: Partial<ServerOptions> = {},
): { server: Server; log: () => readonly LogLine[] } {
  let text = ''
  const log = createLog({ stream: { write: (lines) => (text += lines) } })
  const server = createServer({
    routes,
    identify: () => anonymous,
    commonHeaders: () => ({}),
    log,
    drainTimeoutMs: 200,
    ...options,
  })
  return { server, log: readLog }

  function readLog(): readonly LogLine[] {
    log.flush()
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine)
  }
}

/** Latin-1, so that a character is a byte. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => {}) // a reset ends it like any other end
  await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(chunks).toString('latin1')
}
