/** Upload forms, part by part, as publishing programs build them and as nobody should. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { blake2b } from '@noble/hashes/blake2.js'
import type { FileEntry } from '#registry/files'
import { keys } from '#registry/keys'
import type { ReleaseMetadata } from '#registry/releases'
import type { Api, AskOptions, Json, Reply } from './api.ts'
import type { Distribution } from './wheel.ts'

/** Where the tests upload to. */
export const INDEX = 'ada/dev'

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

/** Sends a form that is to be refused; whatever the reason, nothing may be left of it. */
export async function sendRefused(
  api: Api,
  index: string,
  parts: readonly Part[],
  options?: AskOptions,
): Promise<Reply> {
  const before = await stateOf(api)
  const reply = await sendParts(api, index, parts, options)
  assert.ok(reply.status >= 400 && reply.status < 500, `${reply.status} ${reply.reason}`)
  assert.deepEqual(await stateOf(api), before)
  return reply
}

/** All that an upload may change: the ledger, the blobs, and the files that are still coming in. */
export async function stateOf(api: Api): Promise<unknown> {
  const staged = await readdir(api.folder.join('blobs', 'tmp'))
  return { serial: api.serial, blobs: await listBlobs(api), staged }
}

/** What an installer sees of a project: the files of its page, or the page's status if it has none. */
export async function listFiles(api: Api, index = INDEX, project = 'foo'): Promise<Json> {
  const accept = 'application/vnd.pypi.simple.v1+json'
  const reply = await api.get(`/${index}/+simple/${project}/`, { accept })
  return reply.status === 200 ? reply.json.files : reply.status
}

export const findEntry = (
  api: Api,
  filename: string,
  project = 'foo',
): Promise<FileEntry | undefined> =>
  api.ledger.read((tx) => tx.get(keys.file(INDEX, project, filename)))

export const findRelease = (
  api: Api,
  project = 'foo',
  version = '1.0',
): Promise<ReleaseMetadata | undefined> =>
  api.ledger.read((tx) => tx.get(keys.version(INDEX, project, version)))

/** Where an index serves an uploaded file. */
export const urlOf = (
  { sha256, filename }: Pick<Distribution, 'sha256' | 'filename'>,
  index = INDEX,
) => `/${index}/+f/${sha256.slice(0, 3)}/${sha256.slice(3, 16)}/${encodeURIComponent(filename)}`
