/** Reads large answers over a few connections that stay open, as fast as they come, and keeps nothing of them. */
import { connect, type Socket } from 'node:net'
import { percentile, type Answered } from './load.ts'

/** All may write into the same memory: what is read is thrown away. */
const scratch = Buffer.alloc(1024 * 1024)
const MB = 1e6

export interface Reading {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly connections: number
  /** No request begins after this time. */
  readonly seconds: number
}

/** Megabytes per second. Anything but 200 or 206 with a length is an error. */
export async function readAgain({
  url,
  headers,
  connections,
  seconds,
}: Reading): Promise<Answered> {
  const times: number[] = []
  let bytes = 0
  const begin = performance.now()
  async function work(): Promise<void> {
    using reader = await openReader(url, headers)
    while (performance.now() - begin < seconds * 1000) {
      const start = performance.now()
      bytes += (await reader.read()).size
      times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
  const took = (performance.now() - begin) / 1000
  return {
    answers: times.length,
    perSecond: bytes / MB / took,
    median: percentile(times, 50),
    p99: percentile(times, 99),
  }
}

export interface ReadAnswer {
  /** Bytes of the body, as it came. */
  readonly size: number
  /** Milliseconds from the request to the first byte of the answer. */
  readonly firstByte: number
  /** To the last byte. */
  readonly whole: number
}

export interface Reader extends Disposable {
  read(): Promise<ReadAnswer>
}

/** One connection; one request at a time. */
export async function openReader(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reader> {
  const { hostname, port, host, pathname, search } = new URL(url)
  const fields = Object.entries({ Host: host, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  const question = `GET ${pathname}${search} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`
  let current: Answer | undefined
  const socket: Socket = connect({
    host: hostname,
    port: Number(port),
    onread: {
      buffer: scratch,
      callback(count, buffer) {
        current?.take(Buffer.from(buffer.buffer, buffer.byteOffset, count))
        return true
      },
    },
  })
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>()
  socket.once('connect', resolve).once('error', reject)
  await opened
  socket.on('error', (error) => current?.fail(error))
  socket.on('close', () => current?.fail(new Error(`${url}: the connection ended`)))
  return {
    async read() {
      current = new Answer(url)
      socket.write(question)
      return await current.whole
    },
    [Symbol.dispose]() {
      current = undefined
      socket.destroy()
    },
  }
}

const END = '\r\n\r\n'
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

class Answer {
  readonly whole: Promise<ReadAnswer>
  readonly fail: (error: Error) => void
  readonly #resolve: (answer: ReadAnswer) => void
  readonly #url: string
  readonly #begin = performance.now()
  #firstByte = 0
  #head = ''
  #size = 0
  /** -1 for a body in chunks. */
  #length: number | undefined
  #tail = Buffer.alloc(0)

  constructor(url: string) {
    const { promise, resolve, reject } = Promise.withResolvers<ReadAnswer>()
    this.whole = promise
    this.fail = reject
    this.#resolve = resolve
    this.#url = url
  }

  take(bytes: Buffer): void {
    if (this.#length === undefined) return this.#takeHead(bytes)
    this.#size += bytes.length
    if (this.#length === -1) {
      this.#tail = Buffer.concat([this.#tail, bytes.subarray(-LAST_CHUNK.length)]).subarray(
        -LAST_CHUNK.length,
      )
    }
    this.#endIfWhole()
  }

  #takeHead(bytes: Buffer): void {
    if (this.#head === '') this.#firstByte = performance.now() - this.#begin
    this.#head += bytes.toString('latin1')
    const end = this.#head.indexOf(END)
    if (end < 0) return
    const rest = this.#head.length - end - END.length
    const head = this.#head.slice(0, end)
    if (!/^HTTP\/1\.1 20[06] /.test(head)) return this.fail(new Error(`${this.#url}: ${head}`))
    const length = /^content-length: *(\d+)/im.exec(head)?.[1]
    this.#length = length === undefined ? -1 : Number(length)
    if (rest > 0) this.take(bytes.subarray(-rest))
    else this.#endIfWhole()
  }

  #endIfWhole(): void {
    const isWhole =
      this.#length === -1 ? this.#tail.equals(LAST_CHUNK) : this.#size === this.#length
    if (!isWhole) return
    const whole = performance.now() - this.#begin
    this.#resolve({ size: this.#size, firstByte: this.#firstByte, whole })
  }
}
