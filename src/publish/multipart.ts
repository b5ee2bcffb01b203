/** A multipart form as it is sent: its length is known before, its file comes from the blob store piece by piece. */
import { randomBytes } from 'node:crypto'
import { StorageFailure } from '#base/failure'
import type { BlobStore, Sha256 } from '#blobs/blob-store'

export type Fields = readonly (readonly [name: string, value: string])[]

/** A body that can be sent again, with the headers that it needs. */
export interface Body {
  readonly type: string
  readonly length: number
  chunks(): AsyncIterable<Uint8Array>
}

export interface SentFile {
  readonly filename: string
  readonly digest: Sha256
}

/** The file goes last, as `content`. */
export async function multipart(
  blobs: BlobStore,
  fields: Fields,
  { filename, digest }: SentFile,
): Promise<Body> {
  const boundary = randomBytes(18).toString('hex')
  const size = await blobs.size(digest)
  if (size === undefined) throw new StorageFailure(`the blob of ${filename} is lost`)
  const part = (disposition: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n`
  const texts = fields.map(([name, value]) => `${part(`name="${name}"`)}\r\n${value}\r\n`)
  const content = part(`name="content"; filename="${escapeName(filename)}"`)
  const head = Buffer.from(
    `${texts.join('')}${content}Content-Type: application/octet-stream\r\n\r\n`,
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    length: head.length + size + tail.length,
    async *chunks() {
      yield head
      const blob = await blobs.open(digest)
      if (!blob) throw new StorageFailure(`the blob of ${filename} is lost`)
      yield* blob.stream as AsyncIterable<Uint8Array>
      yield tail
    },
  }
}

export function urlencoded(fields: Fields): Body {
  const bytes = Buffer.from(
    new URLSearchParams(fields.map(([name, value]) => [name, value])).toString(),
  )
  return {
    type: 'application/x-www-form-urlencoded',
    length: bytes.length,
    async *chunks() {
      yield bytes
    },
  }
}

/** As browsers do it. */
function escapeName(filename: string): string {
  return filename.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
