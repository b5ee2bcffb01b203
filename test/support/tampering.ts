/** Stands between a replica and its primary and alters what the primary sends, as nobody should be able to. */
import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Tampering extends AsyncDisposable {
  readonly url: string
  /** Alters the answers to what is asked from now on: bytes of their bodies, by the path. */
  alter: (path: string, piece: Buffer) => Buffer
}

export async function startTampering(target: () => string): Promise<Tampering> {
  const tampering = { alter: (_path: string, piece: Buffer): Buffer => piece }
  const server = createServer((request, response) => {
    const { method, headers, url = '/' } = request
    const onward = ask(new URL(url, target()), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders)
      answer.on('data', (piece: Buffer) => response.write(tampering.alter(url, piece)))
      answer.once('end', () => response.end()).once('error', () => response.destroy())
    })
    onward.once('error', () => response.destroy())
    response.once('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(tampering, {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  })
}
