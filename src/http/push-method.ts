/**
 * `PUSH`, the method with which devpi's client pushes a release. Node's parser knows a fixed list of methods and
 * stumbles over this one, always between two messages. The connection is then handed to the server anew, as if it
 * had just been accepted, with `POST` for `PUSH` in what the parser left. No other request comes past here.
 *
 * What the parser took before it stumbled is not always in reach: "USH" or "SH" for a method passes as PUSH, where
 * a packet, or a body that ends with the letters that lack, lies before it. It costs the sender a 400.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

export interface ParserError {
  readonly code?: string | undefined
  /** What the parser was given last; absent where the client's end is the error. */
  readonly rawPacket?: unknown
  /** Where in it the parser stumbled, if this is its first error. */
  readonly bytesParsed?: number | undefined
}

/** The connection as the system has it. */
interface Handle {
  reading: boolean
  readStop(): void
}

/** Node's own notes on a socket that its HTTP server accepted. */
interface ServedSocket extends Socket {
  /** The answer that is not wholly on its way yet; those to pipelined requests follow it. */
  readonly _httpMessage?: ServerResponse | null
  _handle: Handle | null
  /** Counts the socket among its own until it is destroyed. */
  _server: Server | null
}

interface Held {
  /** All that came from the P on. */
  readonly packets: Buffer[]
  /** The word is complete; answers to requests before it are awaited. */
  isWaiting: boolean
}

const word = Buffer.from('PUSH ')
const asPost = Buffer.from('POST ')
/** As far as known methods go: PUT, PURGE. */
const known = word.subarray(0, 2)

export class PushMethod {
  readonly #held = new WeakMap<Socket, Held>()
  /** Sockets whose next request is a PUSH. */
  readonly #marked = new WeakSet<object>()

  /** Whether the parser stumbled over a PUSH, or what may become one: then nothing else is to be done. */
  takes(error: ParserError, socket: Socket): boolean {
    const { rawPacket } = error
    if (error.code !== 'HPE_INVALID_METHOD' || !Buffer.isBuffer(rawPacket)) return false
    const held = this.#held.get(socket)
    if (held) {
      held.packets.push(rawPacket) // a parser that failed once fails again at every packet
      return this.#look(socket, held)
    }
    const start = startOf(rawPacket, error.bytesParsed ?? 0)
    return start !== undefined && this.#look(socket, { packets: [start], isWaiting: false })
  }

  /** For the router, which knows no more methods than the parser. `reveal` undoes it. */
  disguise(request: IncomingMessage): void {
    this.#marked.add(request.socket)
    request.method = 'POST'
  }

  reveal(request: IncomingMessage): void {
    if (this.#marked.delete(request.socket)) request.method = 'PUSH'
  }

  #look(socket: Socket, held: Held): boolean {
    const start = Buffer.concat(held.packets.slice(0, word.length)).subarray(0, word.length)
    if (!word.subarray(0, start.length).equals(start)) return false
    this.#held.set(socket, held)
    if (start.length < word.length) return true

    socket.pause()
    if (held.isWaiting) return true
    held.isWaiting = true
    this.#proceed(socket as ServedSocket, held)
    return true
  }

  /** The new owner of the connection knows nothing of answers that are still to come: they go first. */
  #proceed(socket: ServedSocket, held: Held): void {
    const answering = socket._httpMessage
    if (answering) answering.once('finish', () => this.#proceed(socket, held))
    else if (!socket.destroyed && !socket.writableEnded) this.#handOver(socket, held)
  }

  #handOver(socket: ServedSocket, { packets }: Held): void {
    const { _server: server, _handle: handle } = socket
    socket.removeAllListeners('data').on('data', () => {}) // makes the parser let go of the connection
    const rest = Buffer.concat([...packets, ...readRest(socket)])
    stopReading(handle)
    const options: object = { handle, allowHalfOpen: true } // the types don't know the handle
    const next = new Socket(options)
    moveTo(next, socket)
    next.unshift(Buffer.concat([asPost, rest.subarray(word.length)]))
    this.#marked.add(next)
    server?.emit('connection', next)
  }
}

/** What the parser left, from the beginning of the message on; undefined where it is no PUSH. */
function startOf(packet: Buffer, at: number): Buffer | undefined {
  const seen = packet.subarray(Math.max(0, at - known.length), at)
  if (!known.subarray(known.length - seen.length).equals(seen)) return undefined
  return Buffer.concat([known, packet.subarray(at)])
}

/** What came while nobody listened; `read` gives out a part at a time. */
function readRest(socket: Socket): Buffer[] {
  const parts: Buffer[] = []
  for (;;) {
    const part = socket.read() as Buffer | null
    if (part === null) return parts
    parts.push(part)
  }
}

/** So that the next owner begins anew: it would never hear of an end that the old one had read already. */
function stopReading(handle: Handle | null): void {
  if (!handle) return
  handle.readStop()
  handle.reading = false
}

/** The end of the old socket tells Node's server to clean up after it, but closes nothing. */
function moveTo(next: Socket, old: ServedSocket): void {
  Object.assign(next, { _server: old._server })
  old._handle = null
  old._server = null
  old.destroy()
}
