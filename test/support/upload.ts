/** Upload forms, part by part, as publishing programs build them and as nobody should. */
import { createHash } from 'node:crypto'
import { blake2b } from '@noble/hashes/blake2.js'
import type { Api, AskOptions, Reply } from './api.ts'
import type { Distribution } from './wheel.ts'

export interface Part {
  readonly name: string
  readonly value: string | Uint8Array
  /** Makes it a file. */
  readonly filename?: string
  /** The part's `Content-Type`. */
  readonly type?: string
}

/** Fields by name; a list is a field that comes several times, undefined one that is left out. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>

export interface Form {
  readonly type: string
  readonly body: Buffer
}

const BOUNDARY = 'a439b1d4af0e016da0beca18e1ebc8bf'

export function makeForm(parts: readonly Part[]): Form {
  const chunks = parts.flatMap(({ name, value, filename, type }) => [
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`,
    filename === undefined ? '' : `; filename="${filename}"`,
    type === undefined ? '\r\n\r\n' : `\r\nContent-Type: ${type}\r\n\r\n`,
    value,
    '\r\n',
  ])
  const bytes = [...chunks, `--${BOUNDARY}--\r\n`].map((chunk) => Buffer.from(chunk as string))
  return { type: `multipart/form-data; boundary=${BOUNDARY}`, body: Buffer.concat(bytes) }
}

export const fieldParts = (fields: Fields): Part[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => ({ name, value: one })),
  )

export const filePart = ({ filename, bytes }: Distribution, type?: string): Part => ({
  name: 'content',
  value: bytes,
  filename,
  ...(type === undefined ? {} : { type }),
})

/** What every publishing program sends of `foo` 1.0, all of it right, for an index with strict uploads too. */
export function strictFields(file: Distribution, changes: Fields = {}): Fields {
  const isWheel = file.filename.endsWith('.whl')
  return {
    ':action': 'file_upload',
    protocol_version: '1',
    metadata_version: '2.2',
    name: 'foo',
    version: '1.0',
    filetype: isWheel ? 'bdist_wheel' : 'sdist',
    pyversion: isWheel ? 'py3' : 'source',
    sha256_digest: file.sha256,
    blake2_256_digest: blake2Of(file.bytes),
    ...changes,
  }
}

/** The least that a form needs. */
export const plainFields = (changes: Fields = {}): Fields => ({
  ':action': 'file_upload',
  name: 'foo',
  version: '1.0',
  ...changes,
})

export const uploadParts = (file: Distribution, fields: Fields): Part[] => [
  ...fieldParts(fields),
  filePart(file),
]

/** Sends a form to an index, signed by its owner unless `as` says otherwise. */
export function sendForm(
  api: Api,
  index: string,
  { type, body }: Form,
  options: AskOptions = {},
): Promise<Reply> {
  const headers = { 'content-type': type, ...options.headers }
  const as = index.split('/')[0]!
  return api.post(`/${index}/`, { as, accept: '*/*', ...options, headers, body })
}

export const sendParts = (
  api: Api,
  index: string,
  parts: readonly Part[],
  options?: AskOptions,
): Promise<Reply> => sendForm(api, index, makeForm(parts), options)

/** Uploads a file of `foo` 1.0, unless fields say otherwise. */
export const sendFile = (
  api: Api,
  index: string,
  file: Distribution,
  fields: Fields = {},
): Promise<Reply> => sendParts(api, index, uploadParts(file, plainFields(fields)))

/** Digests of all blobs that are kept. */
export const listBlobs = (api: Api): Promise<string[]> =>
  Array.fromAsync(api.app.store.blobs.list())

export const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

export const blake2Of = (bytes: Uint8Array): string =>
  Buffer.from(blake2b(bytes, { dkLen: 32 })).toString('hex')
