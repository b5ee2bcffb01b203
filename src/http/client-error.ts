/** Bytes that are no HTTP request, or too slow or too long to be one. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Log } from '#base/log'

const answers: Readonly<Record<string, readonly [status: number, title: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Content Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}
const badRequest = [400, 'Bad Request'] as const

export function answerClientError(
  error: Error & { readonly code?: string },
  socket: Socket & { readonly _httpMessage?: ServerResponse | null },
  log: Log,
): void {
  // behind a request that ends its connection: its answer is still to be sent
  if (error.code === 'HPE_CLOSED_CONNECTION' && socket._httpMessage) return
  // in the middle of an answer, nothing can be said any more
  const isAnswering = socket._httpMessage?.headersSent ?? false
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) {
    socket.destroy()
    return
  }
  const [status, title] = answers[error.code ?? ''] ?? badRequest
  log.info({ status, code: error.code }, 'no request')
  const body = `${status} ${title}\n`
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: text/plain; charset=UTF-8\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
