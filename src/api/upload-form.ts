/** An upload's form as it streams in: the file into the blob store, the fields beside it, the digests checked. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { blake2b } from '@noble/hashes/blake2.js'
import { refuse } from '#base/refusal'
import { isHexDigest } from '#base/digest'
import { waitFor } from '#base/waits'
import type { ArchiveSource } from '#python/archive-source'
import { TooLarge, type BlobStore, type StagedBlob } from '#blobs/blob-store'
import { readForm, usualLimits } from '#http/multipart'
import type { Call } from '#http/route'
import { cleanValue, metadataFieldName } from '#registry/releases'

/** What came in. Whoever has it must keep or discard `content`. */
export interface UploadForm extends AsyncDisposable {
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly content: StagedBlob | undefined
  /** The file itself where it is small, else its path; to be read before `content` is kept. */
  readonly archive: ArchiveSource
  readonly filename: string
  /** The last value of a field; empty and `UNKNOWN` count as absent. */
  field(name: string): string | undefined
}

const invalid = (reason: string) => refuse('upload-invalid', { reason })

type Fields = UploadForm['fields']

export const isPlainForm = ({ headers }: Call): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')

/** A form without a file: the urlencoded kind, which old tools register releases with. */
export async function readPlainForm(call: Call, limit: number): Promise<UploadForm> {
  const text = (await call.bytes(limit)).toString()
  // Counted before they are read: Node's parser goes through the rest of the text for a field without `=`.
  if (text.split('&', usualLimits.fields + 1).length > usualLimits.fields) {
    throw invalid(`The form has more than ${usualLimits.fields} fields.`)
  }
  const fields = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    const values = fields.get(name)
    if (values) values.push(value)
    else fields.set(name, [value])
  }
  return openForm(fields, { content: undefined, archive: '', filename: '' })
}

/** Reads the whole form; leaves nothing behind when it refuses. */
export async function readUploadForm(
  call: Call,
  blobs: BlobStore,
  maxSize: number,
): Promise<UploadForm> {
  const start = new FileStart()
  let content: StagedBlob | undefined
  let hasContent = false
  let filename = ''
  try {
    const { fields } = await waitFor('body', readForm(call, { onFile: takeFile }))
    if (!content) return openForm(fields, { content, archive: '', filename })
    const archive = start.wholeFile ?? content.path
    await assertDigests(content, archive, fields)
    return openForm(fields, { content, archive, filename })
  } catch (error) {
    await content?.discard()
    throw error
  }

  async function takeFile(field: string, part: { filename: string }, stream: Readable) {
    if (field !== 'content') {
      // PyPI's words; a signature beside the file is let pass, nobody reads it any more.
      if (metadataFieldName(field)) throw invalid(`${field}: Should not be a tuple.`)
      return
    }
    // Not `content`: the next file begins before this one is stored.
    if (hasContent) throw invalid('content: sent twice')
    hasContent = true
    filename = part.filename
    content = await stageFile(blobs, stream, { filename, limit: maxSize, start })
  }
}

/** A form around a file that came without one; the fields may need the file. */
export async function formOfFile(
  blobs: BlobStore,
  stream: Readable,
  { filename, limit }: { readonly filename: string; readonly limit: number },
  readFields: (content: StagedBlob, archive: ArchiveSource) => Promise<Fields>,
): Promise<UploadForm> {
  const start = new FileStart()
  const content = await stageFile(blobs, stream, { filename, limit, start })
  try {
    const archive = start.wholeFile ?? content.path
    return openForm(await readFields(content, archive), { content, archive, filename })
  } catch (error) {
    await content.discard()
    throw error
  }
}

async function stageFile(
  blobs: BlobStore,
  stream: Readable,
  { filename, limit, start }: { filename: string; limit: number; start: FileStart },
): Promise<StagedBlob> {
  try {
    return await blobs.stage(stream, { limit, tap: (chunk) => start.add(chunk) })
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    throw refuse('upload-too-large', { filename, limit })
  }
}

function openForm(
  fields: Fields,
  file: Pick<UploadForm, 'content' | 'archive' | 'filename'>,
): UploadForm {
  return {
    fields,
    ...file,
    field(name) {
      const value = cleanValue(fields.get(name)?.at(-1) ?? '')
      return value === '' ? undefined : value
    },
    async [Symbol.asyncDispose]() {
      await file.content?.discard()
    },
  }
}

/** Digest fields of the legacy upload API (index-standards 3.1), with their length in bytes. */
const digestFields = { md5_digest: 16, sha256_digest: 32, blake2_256_digest: 32 } as const

/** Every digest that was sent must be that of the file. */
async function assertDigests(
  content: StagedBlob,
  archive: ArchiveSource,
  fields: Fields,
): Promise<void> {
  for (const [field, bytes] of Object.entries(digestFields)) {
    for (const value of fields.get(field) ?? []) {
      if (value === '') continue
      if (!isHexDigest(value, bytes)) {
        throw invalid(`${field}: must be ${bytes * 2} hexadecimal digits.`)
      }
      if (value.toLowerCase() !== (await digestOf(field, content, archive))) {
        throw invalid(
          `${field}: The digest supplied does not match a digest calculated from the uploaded file.`,
        )
      }
    }
  }
}

async function digestOf(
  field: string,
  content: StagedBlob,
  archive: ArchiveSource,
): Promise<string> {
  if (field === 'sha256_digest') return content.digest
  // These two are worked out once the file has passed: the fields that ask for them may come after it.
  const hashing =
    field === 'md5_digest'
      ? createHash('md5')
      : blake2b.create({ dkLen: digestFields.blake2_256_digest })
  if (typeof archive !== 'string') hashing.update(archive)
  else for await (const chunk of createReadStream(archive)) hashing.update(chunk as Buffer)
  return Buffer.from(hashing.digest() as Uint8Array).toString('hex')
}

const LONGEST_START = 256 * 1024

/** A small file stays in memory until it has been looked into: most uploads need not be read again. */
class FileStart {
  #chunks: Uint8Array[] | undefined = []
  #size = 0

  add(chunk: Uint8Array): void {
    this.#size += chunk.byteLength
    if (this.#size > LONGEST_START) this.#chunks = undefined
    else this.#chunks?.push(chunk)
  }

  get wholeFile(): Buffer | undefined {
    return this.#chunks && Buffer.concat(this.#chunks)
  }
}
