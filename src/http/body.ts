/** The body of a request: read whole within a limit, or got rid of. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { refuse } from '#base/refusal'
import { bodyRoom } from './body-room.ts'

/** How much of an unwanted body is read so that its sender sees our answer, not a broken pipe. */
const drained = { bytes: 32 * 1024 * 1024, ms: 5000 }
/** Up to here an unwanted body is simply read to its end and the connection is kept. */
const shortBody = 64 * 1024
const deepest = 100

export function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    return Promise.reject(refuse('body-too-large', { limit }))
  }
  if (request.readableEnded) return Promise.resolve(Buffer.alloc(0))
  if (request.destroyed) return Promise.reject(endedEarly())
  // not `for await`: leaving it early would destroy the socket before the answer
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const holding = bodyRoom.enter()
    let size = 0
    request.on('data', onChunk).once('end', onEnd).once('close', onGone).once('error', onGone)

    function onChunk(chunk: Buffer): void {
      size += chunk.length
      if (size > limit) return settle(() => reject(refuse('body-too-large', { limit })))
      try {
        holding.add(chunk.length)
        chunks.push(chunk)
      } catch (error) {
        settle(() => reject(error as Error))
      }
    }
    function onEnd(): void {
      settle(() => resolve(Buffer.concat(chunks, size)))
    }
    function onGone(): void {
      settle(() => reject(endedEarly()))
    }
    function settle(then: () => void): void {
      request.off('data', onChunk).off('end', onEnd).off('close', onGone).off('error', onGone)
      request.pause()
      holding.leave()
      then()
    }
  })
}

export function endedEarly(): Error {
  return refuse('bad-request', { reason: 'The request ended before its body was complete.' })
}

/** Refuses also what nests so deeply that writing it again could fail. */
export function parseJson(bytes: Buffer): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw refuse('body-not-json')
  }
  if (isDeeper(value, deepest)) throw refuse('body-not-json')
  return value
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}

export type Unread = 'none' | 'short' | 'long'

/** What is left of the request's body, as far as one can know. */
export function unreadBody(request: IncomingMessage): Unread {
  const { headers } = request
  const length = headers['content-length']
  const isChunked = headers['transfer-encoding'] !== undefined
  if ((length === undefined || length === '0') && !isChunked) return 'none'
  if (request.readableEnded || request.destroyed) return 'none'
  return request.complete || Number(length ?? Infinity) <= shortBody ? 'short' : 'long'
}

/** Reads on and throws away, until it ends or a bound is met; then calls `then`. */
export function drain(request: IncomingMessage, response: ServerResponse, then: () => void): void {
  let left = drained.bytes
  const timer = setTimeout(finish, drained.ms)
  request.unpipe()
  request.on('data', onChunk).once('end', finish).once('error', finish).once('close', finish)
  response.once('close', finish)
  request.resume()

  function onChunk(chunk: Buffer): void {
    left -= chunk.length
    if (left < 0) finish()
  }
  function finish(): void {
    clearTimeout(timer)
    request.off('data', onChunk).off('end', finish).off('error', finish).off('close', finish)
    response.off('close', finish)
    then()
  }
}
