/** Single answers over HTTP: as they came on the wire, and how long they took. */
import { Agent, request, type IncomingMessage } from 'node:http'

export interface WireAnswer {
  readonly status: number
  /** Without those that belong to the connection. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
}

type Headers = Readonly<Record<string, string>>

/** One connection that stays open. */
export class Connection implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  async get(url: string, headers: Headers = {}): Promise<WireAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    request(url, { agent: this.#agent, headers }, resolve).on('error', reject).end()
    const response = await promise
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return {
      status: response.statusCode ?? 0,
      headers: pairs(response.rawHeaders).filter(([name]) => !ofConnection.test(name)),
      body: Buffer.concat(chunks),
    }
  }

  /** Milliseconds from the request to the last byte of a good answer. */
  async time(url: string, headers: Headers = {}): Promise<number> {
    const begin = performance.now()
    const { status, body } = await this.get(url, headers)
    const took = performance.now() - begin
    if (status !== 200) throw new Error(`${url}: ${status} ${body.toString()}`)
    return took
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}

const ofConnection = /^(?:date|connection|keep-alive|transfer-encoding)$/i

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : []))
}
