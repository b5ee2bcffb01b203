/** Free ports, for servers that cannot choose one themselves. */
import { createServer, type AddressInfo } from 'node:net'

/** A port that is free on loopback at this moment; the system does not hand it out again soon. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
