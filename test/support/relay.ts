/** Stands in front of a server at an address that stays: counts what goes through, can be cut and joined again. */
import {
  createServer,
  request as ask,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RecordedRequest } from './fake-upstream.ts'

export interface Relay extends AsyncDisposable {
  /** What went through since `forget`. */
  readonly requests: readonly RecordedRequest[]
  forget(): void
  /** The address of a path, which is written with or without its first slash. */
  url(path?: string): string
  /** From now on connections are refused, as if nothing ran there. */
  cut(): Promise<void>
  /** Listens again, in front of this server. */
  join(target: string): Promise<void>
}

export async function startRelay(target: string): Promise<Relay> {
  const requests: RecordedRequest[] = []
  let current = target
  let server: Server | undefined
  let port = 0

  async function join(next: string): Promise<void> {
    current = next
    if (server) return
    const listening = createServer((request, response) => {
      const { method = '', url = '', headers } = request
      requests.push({ method, path: url, headers })
      forward(request, response, current)
    })
    await new Promise<void>((resolve, reject) => {
      listening.once('error', reject)
      listening.listen(port, '127.0.0.1', resolve)
    })
    server = listening
    ;({ port } = listening.address() as AddressInfo)
  }

  async function cut(): Promise<void> {
    const closing = server
    server = undefined
    if (!closing) return
    const closed = new Promise<void>((resolve) => closing.close(() => resolve()))
    closing.closeAllConnections()
    await closed
  }

  await join(target)
  return {
    requests,
    forget: () => void (requests.length = 0),
    url: (path = '') => new URL(`/${path.replace(/^\//, '')}`, `http://127.0.0.1:${port}`).href,
    cut,
    join,
    [Symbol.asyncDispose]: cut,
  }
}

/** As it came, `Host` too: the server behind must think that it has our address. */
function forward(request: IncomingMessage, response: ServerResponse, target: string): void {
  const { method, headers } = request
  const onward = ask(new URL(request.url ?? '/', target), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders)
    answer.pipe(response, { end: false })
    answer.once('error', () => response.destroy())
    answer.once('end', () => endAfter(request, response))
  })
  onward.once('error', () => response.destroy())
  response.once('close', () => onward.destroy())
  request.pipe(onward)
}

/** An early answer is not cut off by closing the connection under somebody who still sends. */
function endAfter(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return void response.end()
  request.unpipe()
  request.resume().once('end', () => response.end())
}
