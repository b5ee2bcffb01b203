/** Requests written byte by byte to a server that was started. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { readAll } from './serve-routes.ts'

export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  return socket
}

/** Writes the parts one after the other and reads until the server closes; Latin-1, so that a character is a byte. */
export async function exchange(
  url: string,
  ...parts: readonly (string | Uint8Array)[]
): Promise<string> {
  const socket = await openSocket(url)
  const answer = readAll(socket)
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : part
    if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), answer])
  }
  return answer
}
