/** Reads a file as fast as it comes: a socket of its own, and nothing kept. */
import { connect } from 'node:net'

const TIMEOUT_MS = 120_000
/** All downloads may write into the same memory: what is read is thrown away. */
const scratch = Buffer.alloc(1024 * 1024)

/** The number of bytes in the body. Anything but 200 is an error. */
export function download(url: string): Promise<number> {
  const { hostname, port, host, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    let head = ''
    let received = 0
    const socket = connect({
      host: hostname,
      port: Number(port),
      onread: {
        buffer: scratch,
        callback(count, buffer) {
          if (head.endsWith('\r\n\r\n')) received += count
          else received += readHead(Buffer.from(buffer.buffer, buffer.byteOffset, count))
          return true
        },
      },
    })
    function readHead(bytes: Buffer): number {
      const text = head + bytes.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) {
        head = text
        return 0
      }
      const rest = text.length - end - 4
      head = text.slice(0, end + 4)
      if (!/^HTTP\/1\.[01] 200 /.test(head)) {
        socket.destroy(new Error(`${url}: ${text.slice(0, 300)}`))
      }
      return rest
    }
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`${url}: no byte for too long`)))
    socket.once('error', reject)
    socket.once('close', () => resolve(received))
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  })
}
