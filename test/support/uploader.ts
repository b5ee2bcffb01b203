/** Uploads over plain HTTP, formed as twine does but without its weight: many at once, each connection kept. */
import { Agent, request } from 'node:http'
import { ada, type Login } from './client.ts'
import { fieldParts, filePart, makeForm, plainFields, type Form } from './upload.ts'
import type { Distribution } from './wheel.ts'

export interface UploadReply {
  readonly status: number
  /** The reason phrase. */
  readonly reason: string
  readonly text: string
}

export interface UploaderOptions {
  /** Called with how many bytes have just been handed to the connection. */
  readonly onSent?: (bytes: number) => void
}

/** One client with one connection, which it keeps as long as the server does. */
export interface Uploader extends Disposable {
  /** Fails when the connection breaks before the whole answer is there. */
  upload(indexUrl: string, file: Distribution): Promise<UploadReply>
  /** Posts anything; fails as `upload` does. */
  post(url: string, form: Form): Promise<UploadReply>
}

const PIECE = 16 * 1024

export function makeUploader({ onSent }: UploaderOptions = {}): Uploader {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    upload: (indexUrl, file) => send(indexUrl, uploadForm(file), agent, onSent),
    post: (url, form) => send(url, form, agent, onSent),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/** With the name and the version that the file says itself. */
export function uploadForm(file: Distribution): Form {
  const metadata = file.metadataBytes.toString()
  const field = (name: string): string =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(metadata)?.[1] ?? ''
  const fields = plainFields({ name: field('Name'), version: field('Version') })
  return makeForm([...fieldParts(fields), filePart(file, 'application/octet-stream')])
}

export function basicAuth({ user, password }: Login): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function send(
  url: string,
  { type, body }: Form,
  agent: Agent,
  onSent: UploaderOptions['onSent'],
): Promise<UploadReply> {
  const { promise, resolve, reject } = Promise.withResolvers<UploadReply>()
  const headers = {
    authorization: basicAuth(ada),
    'content-type': type,
    'content-length': body.length,
  }
  const outgoing = request(url, { method: 'POST', agent, headers })
  outgoing.once('error', reject).once('response', (incoming) => {
    let text = ''
    incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    incoming.once('error', reject).once('end', () => {
      const { statusCode: status = 0, statusMessage: reason = '' } = incoming
      resolve({ status, reason, text })
    })
  })
  sendFrom(0)
  return promise

  function sendFrom(start: number): void {
    if (outgoing.destroyed) return
    const piece = body.subarray(start, start + PIECE)
    if (piece.length === 0) return void outgoing.end()
    outgoing.write(piece, () => {
      onSent?.(piece.length)
      sendFrom(start + PIECE)
    })
  }
}
