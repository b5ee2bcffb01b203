/** More ways for a fake upstream to fail: what is beneath HTTP's manners, and status codes. */
import { body, type Answer } from './fake-upstream.ts'

/** Any bytes under a head that may lie about them, and the end of the connection. */
export const raw =
  (head: string, content: string | Uint8Array): Answer =>
  ({ socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`)
    socket.end(content)
  }

/** Ends the connection without a word. */
export const hangUp: Answer = ({ socket }) => void socket.destroy()

export const failWith = (status: number): Answer => body('it fails', { status })
