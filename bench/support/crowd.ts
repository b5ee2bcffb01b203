/** Clients that hold a server's connections: idle, slow to read, or slow to say what they want. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface Crowd extends AsyncDisposable {
  /** Whose connections are still there. */
  readonly count: number
}

/** So many connect at once. */
const AT_ONCE = 200

interface Member {
  readonly hello: string
  /** Nothing counts before the answer has begun. */
  readonly hasAnswer: boolean
  /** Read the answer whole; else nothing is read but by `act`. */
  readonly reads: boolean
}

/** Each has had an answer, and keeps its connection. */
export const idleCrowd = (url: string, count: number): Promise<Crowd> =>
  gather(url, count, { hello: head('GET', url), hasAnswer: true, reads: true })

/** Each asks for much, and reads some bytes of it every half a second. */
export const slowReaders = (url: string, count: number): Promise<Crowd> =>
  gather(url, count, { hello: head('GET', url), hasAnswer: true, reads: false }, (socket) => {
    socket.read(16)
  })

/** Each begins a request, and goes on with a letter of a header every half a second. */
export const slowHeaders = (url: string, count: number): Promise<Crowd> => {
  const hello = `${head('GET', url).trimEnd()}\r\nX-Slow: `
  return gather(url, count, { hello, hasAnswer: false, reads: true }, (socket) => {
    socket.write('a')
  })
}

/** Each sends a whole head and the beginning of a body, and then a byte of it every half a second. */
export const slowBodies = (
  url: string,
  count: number,
  { headers, begin }: { readonly headers: string; readonly begin: string },
): Promise<Crowd> => {
  const hello = `${head('POST', url).trimEnd()}\r\n${headers}\r\n\r\n${begin}`
  return gather(url, count, { hello, hasAnswer: false, reads: true }, (socket) => {
    socket.write('a')
  })
}

function head(method: string, url: string): string {
  const { host, pathname } = new URL(url)
  return `${method} ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
}

const EVERY_MS = 500

async function gather(
  url: string,
  count: number,
  member: Member,
  act?: (socket: Socket) => void,
): Promise<Crowd> {
  const sockets: Socket[] = []
  for (let at = 0; at < count; at += AT_ONCE) {
    const more = Array.from({ length: Math.min(AT_ONCE, count - at) }, () => join(url, member))
    sockets.push(...(await Promise.all(more)))
  }
  const timer = act && inTurns(sockets, act)
  return {
    get count() {
      return sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** One after the other, so that they never act all at once: that would be the load's own doing. */
function inTurns(sockets: readonly Socket[], act: (socket: Socket) => void): NodeJS.Timeout {
  const begin = performance.now()
  let acted = 0
  return setInterval(() => {
    const due = ((performance.now() - begin) / EVERY_MS) * sockets.length
    for (; acted < due; acted++) {
      const socket = sockets[acted % sockets.length]
      if (socket && !socket.destroyed && socket.writable) act(socket)
    }
  }, 2)
}

async function join(url: string, { hello, hasAnswer, reads }: Member): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  socket.on('error', () => {}) // the server may end it: `count` tells
  socket.write(hello)
  if (hasAnswer) await once(socket, 'readable')
  if (reads) socket.resume()
  return socket
}
