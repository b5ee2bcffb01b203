/** A network between two servers that fails as networks do: cuts connections at any byte, delays, falls silent. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Weather {
  /** Breaks the connection when so many bytes have gone to whoever connected. */
  readonly cutAfter?: number
  /** The same for bytes that whoever connected has sent. */
  readonly cutAfterSent?: number
  /** Called for each piece: how many milliseconds it takes. Pieces of one connection stay in their order. */
  readonly delay?: () => number
  /** Behind so many bytes the halves of each piece change places, which no honest network does. */
  readonly swapsAfter?: number
}

export interface TcpProxy extends AsyncDisposable {
  /** The address of a path, which is written with or without its first slash. */
  url(path?: string): string
  /** Connections so far. */
  readonly connections: number
  /** What the next connections meet, by their number from 0 on. */
  weather: (connection: number) => Weather
  /** From now on no byte comes through what is open, and nobody is told. New connections are new ones. */
  silence(): void
  /** Connections are broken, and refused until `mend`. */
  break(): void
  mend(): void
}

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port: targetPort } = new URL(target)
  const open = new Set<Pair>()
  let connections = 0
  let isBroken = false
  const server = createServer((near) => {
    if (isBroken) return void near.destroy()
    const far = connect(Number(targetPort), hostname)
    const pair = new Pair(near, far, proxy.weather(connections++))
    open.add(pair)
    near.once('close', () => open.delete(pair))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const proxy: TcpProxy = {
    url: (path = '') => new URL(`/${path.replace(/^\//, '')}`, `http://127.0.0.1:${port}`).href,
    get connections() {
      return connections
    },
    weather: () => ({}),
    silence() {
      for (const pair of open) pair.silence()
    },
    break() {
      isBroken = true
      for (const pair of open) pair.cut()
    },
    mend() {
      isBroken = false
    },
    async [Symbol.asyncDispose]() {
      proxy.break()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return proxy
}

class Pair {
  readonly #near: Socket
  readonly #far: Socket
  #isSilent = false

  constructor(near: Socket, far: Socket, weather: Weather) {
    this.#near = near
    this.#far = far
    const { cutAfter = Infinity, cutAfterSent = Infinity } = weather
    for (const socket of [near, far]) {
      socket.setNoDelay().on('error', () => {}) // the other one is closed below
      socket.once('close', () => this.#isSilent || this.cut())
    }
    this.#carry(near, far, cutAfterSent, weather)
    this.#carry(far, near, cutAfter, weather)
  }

  silence(): void {
    this.#isSilent = true
    this.#far.destroy()
  }

  cut(): void {
    this.#near.destroy()
    this.#far.destroy()
  }

  #carry(
    from: Socket,
    to: Socket,
    cutAfter: number,
    { delay, swapsAfter = Infinity }: Weather,
  ): void {
    let left = cutAfter
    let last = Promise.resolve()
    const send = async (piece: Buffer): Promise<void> => {
      if (delay) await new Promise((resolve) => setTimeout(resolve, delay()).unref())
      if (this.#isSilent || to.destroyed) return
      const part = piece.subarray(0, left)
      left -= part.length
      if (!to.write(part) && left > 0) await drained(to)
      if (left <= 0) this.cut()
    }
    const enqueue = (piece: Buffer): void => {
      from.pause()
      last = last.then(() => send(piece)).then(() => void from.resume())
    }
    let passed = 0
    from.on('data', (piece: Buffer) => {
      const fair = from === this.#near ? piece.length : Math.max(swapsAfter - passed, 0)
      passed += piece.length
      const rest = piece.subarray(fair)
      const half = rest.length >> 1
      enqueue(Buffer.concat([piece.subarray(0, fair), rest.subarray(half), rest.subarray(0, half)]))
    })
    from.on('end', () => void last.then(() => this.#isSilent || to.end()))
  }
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('drain', resolve).once('close', () => resolve()))
