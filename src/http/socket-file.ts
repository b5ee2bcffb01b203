/** Listening on a Unix socket, which is a file: one that a server left behind is replaced, one in use is not. */
import { once } from 'node:events'
import { chmod, lstat, rm } from 'node:fs/promises'
import { connect, type Server } from 'node:net'

export interface SocketFile {
  readonly path: string
  /** As `chmod` has it. */
  readonly mode: number
}

/** Rejects with EADDRINUSE where somebody listens there, or where the path is a file of another kind. */
export async function listenOnSocketFile(
  server: Server,
  { path, mode }: SocketFile,
): Promise<void> {
  if ((await isSocket(path)) && !(await hasListener(path))) await rm(path)
  const before = process.umask(0o777 & ~mode) // never open to more than that, not for a moment
  try {
    server.listen({ path })
  } finally {
    process.umask(before)
  }
  await once(server, 'listening')
  await chmod(path, mode)
}

async function isSocket(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  return stats?.isSocket() ?? false
}

async function hasListener(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}
