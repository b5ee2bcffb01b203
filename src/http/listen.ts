/** Begins to listen, in one place or several, and stops gracefully. */
import type { FastifyInstance } from 'fastify'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer, Server as TcpServer, type Socket } from 'node:net'
import { hostInUrl, type ListenPlace } from '#base/listen-place'
import { listenOnSocketFile } from './socket-file.ts'

export interface Listening {
  /** One for each place: `http://127.0.0.1:3141`, with the port that was really taken, or `unix:/run/yard.sock`. */
  readonly addresses: readonly string[]
}

/** Node's own note of the answer that is not wholly on its way yet. */
type AnsweringSocket = Socket & { readonly _httpMessage?: ServerResponse | null }

const SWEEP_MS = 50

/** The ears of a server. Its own is for the first place; the others pass on what they accept. */
export class Listeners {
  readonly #app: FastifyInstance
  readonly #open: TcpServer[] = []
  readonly #sockets = new Set<Socket>()

  constructor(app: FastifyInstance) {
    this.#app = app
    app.server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** Rejects with the system's error (EADDRINUSE, EACCES …) when it can't. */
  async listen(places: readonly ListenPlace[]): Promise<Listening> {
    const { server } = this.#app
    await this.#app.ready()
    const addresses: string[] = []
    for (const place of places) {
      const ear = this.#open.length === 0 ? server : this.#otherEar()
      await listenAt(ear, place)
      this.#open.push(ear)
      addresses.push(addressOf(ear))
    }
    return { addresses }
  }

  #otherEar(): TcpServer {
    const pass = (socket: Socket): void => void this.#app.server.emit('connection', socket)
    return createServer({ allowHalfOpen: true, noDelay: true }, pass)
  }

  /**
   * Idle connections are closed at once, unless `keepsIdle`: then a client that has one may ask once more. Running requests
   * get `drainMs`, then they are cut off.
   */
  async stop(drainMs: number, keepsIdle = false): Promise<void> {
    const { server } = this.#app
    // Not HTTP's own `close`: it breaks off an answer that was handed over but is still on its way.
    const closed = this.#open.map(
      (ear) => new Promise((resolve) => TcpServer.prototype.close.call(ear, resolve)),
    )
    const sweepIdle = (): void => {
      if (!keepsIdle) closeIdle(this.#sockets)
    }
    sweepIdle()
    // An answer begun before may have promised to keep its connection, which is idle only at its end.
    const sweep = setInterval(sweepIdle, SWEEP_MS)
    const timer = setTimeout(() => server.closeAllConnections(), drainMs)
    await Promise.all(closed)
    clearInterval(sweep)
    clearTimeout(timer)
    await this.#app.close()
  }
}

async function listenAt(ear: TcpServer, place: ListenPlace): Promise<void> {
  if ('path' in place) return listenOnSocketFile(ear, place)
  ear.listen(place.host === '*' ? { port: place.port } : place)
  await once(ear, 'listening')
}

function addressOf(ear: TcpServer): string {
  const bound = ear.address()
  if (bound === null) throw new Error('not listening')
  return typeof bound === 'string'
    ? `unix:${bound}`
    : `http://${hostInUrl(bound.address)}:${bound.port}`
}

/** Also those that were opened ahead, and those on which no request is whole yet. */
function closeIdle(sockets: Iterable<AnsweringSocket>): void {
  for (const socket of sockets) {
    if (!socket._httpMessage) socket.destroy()
  }
}
