/** A stream as a body. It ends as announced, or the connection breaks: never a clean end in between. */
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { isRecycling } from '#base/pieces'

export interface Sent {
  /** Of the body. */
  readonly bytes: number
  /**
   * `gone`: the client left. `broken`: our source failed, and the client knows it. `unsent`: it failed
   * before anything was sent, so that there can be another answer.
   */
  readonly outcome: 'sent' | 'gone' | 'broken' | 'unsent'
  readonly error?: Error
}

export interface StreamSending {
  /** As announced, if it was. */
  readonly size: number | undefined
  /** Writes the head; called with the first bytes, or at the end of a body without any. */
  readonly begin: () => void
  readonly onSent: (sent: Sent) => void
}

/** Not `pipeline`: it would end a body that is shorter than its Content-Length as if all were well. */
export function sendStream(
  response: ServerResponse,
  body: Readable,
  { size, begin, onSent }: StreamSending,
): void {
  let bytes = 0
  let isSettled = false
  const source = isRecycling(body) ? body : undefined

  response.on('drain', onDrain).once('close', onClientClose).on('error', ignore)
  body.on('data', onChunk).once('end', onEnd).on('error', onError).once('close', onBodyClose)
  // what happened before we listened
  if (body.errored) onError(body.errored)
  else if (body.destroyed) onBodyClose()

  function onChunk(chunk: Uint8Array | string): void {
    const length = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength
    if (size !== undefined && bytes + length > size) {
      return breakOff(new Error(`the body is longer than its Content-Length of ${size}`))
    }
    if (!hasBegun()) return
    bytes += length
    if (!write(chunk)) body.pause()
  }
  function write(chunk: Uint8Array | string): boolean {
    if (!source || typeof chunk === 'string') return response.write(chunk)
    // Once the system has it. A connection that breaks may still look at it.
    return response.write(chunk, (error) => !error && source.recycle(chunk))
  }
  function onDrain(): void {
    body.resume()
  }
  function onEnd(): void {
    if (size !== undefined && bytes !== size) {
      return breakOff(new Error(`the body has ${bytes} bytes, its Content-Length says ${size}`))
    }
    if (hasBegun() && settle({ bytes, outcome: 'sent' })) response.end()
  }
  function onError(error: Error): void {
    breakOff(error)
  }
  function onBodyClose(): void {
    breakOff(new Error('the body was destroyed before its end'))
  }
  function onClientClose(): void {
    if (settle({ bytes, outcome: 'gone' })) body.destroy()
  }
  function hasBegun(): boolean {
    try {
      if (!response.headersSent) begin()
    } catch (error) {
      breakOff(error as Error)
    }
    return response.headersSent
  }
  function breakOff(error: Error): void {
    const isBegun = response.headersSent
    if (isSettled) return
    body.destroy()
    if (isBegun) response.destroy()
    settle({ bytes, outcome: isBegun ? 'broken' : 'unsent', error })
  }
  function settle(sent: Sent): boolean {
    if (isSettled) return false
    isSettled = true
    response.off('drain', onDrain).off('close', onClientClose)
    body.off('data', onChunk)
    onSent(sent)
    return true
  }
}

function ignore(): void {}
