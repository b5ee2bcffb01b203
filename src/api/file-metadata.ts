/** The core metadata beside wheels (PEP 658): read out of a wheel that is here, or passed on from upstream. */
import { refuse } from '#base/refusal'
import { carryAlong } from '#base/waits'
import { fileAnswer } from '#http/reply'
import type { Answer, Call } from '#http/route'
import { readWheelMetadata } from '#python/wheel-archive'
import { fileFolder, type FoundFile } from '#registry/file-path'
import { modifiedAt } from '#registry/files'
import { folderTag, IMMUTABLE, UNTRUSTED } from './file-headers.ts'
import type { Parts } from './parts.ts'
import { readerOf } from './reader.ts'

/** Answers at once where the metadata is in memory. */
export type MetadataSender = (call: Call, found: FoundFile) => Answer | Promise<Answer>

export function metadataSender({
  blobs,
  smallBlobs,
  mirrors,
}: Pick<Parts, 'blobs' | 'smallBlobs' | 'mirrors'>): MetadataSender {
  return sendMetadata

  function sendMetadata(call: Call, found: FoundFile): Answer | Promise<Answer> {
    const { file } = found
    if (file.upstream)
      return carryAlong(() => mirroredMetadata(call, found)).then((bytes) =>
        send(call, found, bytes),
      )
    const kept = typeof file.metadata === 'string' ? smallBlobs.find(file.metadata) : undefined
    if (kept) return send(call, found, kept)
    return carryAlong(() => ownMetadata(found)).then((bytes) => send(call, found, bytes))
  }

  function send(call: Call, found: FoundFile, bytes: Uint8Array): Answer | Promise<Answer> {
    const { file } = found
    const isHashed = typeof file.metadata === 'string'
    return fileAnswer(call, {
      size: bytes.length,
      type: 'application/octet-stream',
      etag: `"${isHashed ? file.metadata : `${folderTag(found)}-metadata`}"`,
      lastModified: modifiedAt(file),
      headers: HEADERS,
      open: (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
    })
  }

  /** What the page offers is answered. A wheel that is here is looked into whatever the page says of it. */
  async function mirroredMetadata(call: Call, found: FoundFile): Promise<Buffer> {
    const { index, project, filename, file } = found
    const isAnswered =
      (await mirrors.offersMetadata(index, filename, file)) ||
      (await mirrors.isHere(index, project, filename, file))
    if (!isAnswered)
      throw file.metadata === false ? missing(found) : refuse('metadata-not-mirrored')
    const bytes = await mirrors.openMetadata(index, project, filename, file, readerOf(call))
    if (!bytes) throw missing(found)
    return bytes
  }

  /** Read when it is asked for: the wheel is here, so nothing else needs to be kept. */
  async function ownMetadata(found: FoundFile): Promise<Buffer> {
    const { filename, file } = found
    if (file.metadata === undefined) throw missing(found)
    const digest = file.digest ?? ''
    const path = await blobs.localPath(digest)
    if (path === undefined) throw new Error(`the blob of ${filename} (${digest}) is lost`)
    const { bytes } = await readWheelMetadata(path, filename)
    if (typeof file.metadata === 'string') smallBlobs.keep(file.metadata, bytes)
    return bytes
  }
}

const HEADERS = { 'Cache-Control': IMMUTABLE, ...UNTRUSTED }

const missing = ({ index, filename, file }: FoundFile): Error =>
  refuse('metadata-missing', { path: `${index}/${fileFolder(file)}/${filename}` })
