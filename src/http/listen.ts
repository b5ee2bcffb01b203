/** Begins to listen, and stops gracefully. */
import type { FastifyInstance } from 'fastify'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Server as TcpServer, type Socket } from 'node:net'

export interface Address {
  /** `http://127.0.0.1:3141`: with the port that was really taken. */
  readonly address: string
}

/** Node's own note of the answer that is not wholly on its way yet. */
type AnsweringSocket = Socket & { readonly _httpMessage?: ServerResponse | null }

const SWEEP_MS = 50

/** The sockets that a server has accepted. */
export function trackSockets(app: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/** Rejects with the system's error (EADDRINUSE, EACCES …) when it can't. */
export async function listen(
  app: FastifyInstance,
  where: { host: string; port: number },
): Promise<Address> {
  await app.ready()
  app.server.listen(where)
  await once(app.server, 'listening')
  const bound = app.server.address()
  if (bound === null || typeof bound === 'string') throw new Error('not listening on a port')
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
  return { address: `http://${host}:${bound.port}` }
}

/** Idle connections are closed at once, running requests get `drainMs`, then they are cut off. */
export async function stop(
  app: FastifyInstance,
  sockets: ReadonlySet<Socket>,
  drainMs: number,
): Promise<void> {
  const { server } = app
  if (server.listening) {
    // Not HTTP's own `close`: it breaks off an answer that was handed over but is still on its way.
    const closed = new Promise((resolve) => TcpServer.prototype.close.call(server, resolve))
    closeIdle(sockets)
    // An answer begun before may have promised to keep its connection, which is idle only at its end.
    const sweep = setInterval(() => closeIdle(sockets), SWEEP_MS)
    const timer = setTimeout(() => server.closeAllConnections(), drainMs)
    await closed
    clearInterval(sweep)
    clearTimeout(timer)
  }
  await app.close()
}

/** Also those that were opened ahead, and those on which no request is whole yet. */
function closeIdle(sockets: Iterable<AnsweringSocket>): void {
  for (const socket of sockets) {
    if (!socket._httpMessage) socket.destroy()
  }
}
