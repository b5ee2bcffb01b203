/** The bytes of what lies at an address: out of memory, the blob store, or a mirror's upstream. */
import { refuse } from '#base/refusal'
import { carryAlong } from '#base/waits'
import { fileAnswer, redirect, type FileOffer } from '#http/reply'
import type { Answer, Call } from '#http/route'
import { fileHeader, isHandedOver } from '#http/send-file'
import type { FoundFile } from '#registry/file-path'
import { modifiedAt, type FileEntry } from '#registry/files'
import type { Stored } from '#registry/stored'
import { folderTag, IMMUTABLE, UNTRUSTED } from './file-headers.ts'
import type { Parts } from './parts.ts'
import { readerOf } from './reader.ts'

/** What lies in our own blob store. */
type OwnEntry = Pick<FileEntry, 'digest' | 'size' | 'addedAt' | 'uploadedAt' | 'modifiedAt'>

interface Content {
  readonly digest: string
  /** Bytes. */
  readonly size: number
}

type Handed = Answer['headers']

/** Answers at once where nothing has to be read. */
export type FileSender = (call: Call, found: Stored) => Answer | Promise<Answer>

const HEADERS = { 'Cache-Control': IMMUTABLE, ...UNTRUSTED }

export function fileSender({
  blobs,
  smallBlobs,
  mirrors,
  server,
  replication,
}: Pick<Parts, 'blobs' | 'smallBlobs' | 'mirrors' | 'server' | 'replication'>): FileSender {
  const { sendFile } = server
  const offers = new WeakMap<OwnEntry, { readonly digest: string; readonly offer: FileOffer }>()
  return sendStored

  function sendStored(call: Call, found: Stored): Answer | Promise<Answer> {
    const { filename } = found
    if (found.rel !== 'releasefile') return sendOwn(call, filename, found.entry)
    const { file } = found.file
    if (!file.upstream) return sendOwn(call, filename, file)
    const { digest } = file
    const bytes = digest === undefined ? undefined : smallBlobs.find(digest)
    return digest !== undefined && bytes
      ? sendBlob(call, { filename, entry: file }, { digest, size: bytes.byteLength })
      : carryAlong(() => sendMirrored(call, found.file))
  }

  function sendOwn(call: Call, filename: string, entry: OwnEntry): Answer | Promise<Answer> {
    const { digest, size } = entry
    if (digest === undefined) throw refuse('file-missing')
    if (size !== undefined) return sendBlob(call, { filename, entry }, { digest, size })
    // Of what is still to come from another server the entry does not tell it.
    return blobs.size(digest).then((found) => {
      if (found === undefined) throw refuse('file-missing')
      return sendBlob(call, { filename, entry }, { digest, size: found })
    })
  }

  /** The same offer for the same entry, which stays the same object for as long as it is kept in memory. */
  function sendBlob(
    call: Call,
    named: { filename: string; entry: OwnEntry },
    content: Content,
  ): Answer | Promise<Answer> {
    const offer = findOffer(named, content)
    // Whoever asks for the head is told what whoever asks for the bytes would be.
    if (call.method !== 'HEAD' || smallBlobs.find(content.digest)) return fileAnswer(call, offer)
    return assertToBeHad(named.filename, content.digest).then(() => fileAnswer(call, offer))
  }

  function findOffer(named: { filename: string; entry: OwnEntry }, content: Content): FileOffer {
    const known = offers.get(named.entry)
    const { digest, size } = content
    if (known?.digest === digest && known.offer.size === size) return known.offer
    const offer = makeOffer(named, content)
    offers.set(named.entry, { digest, offer })
    return offer
  }

  function makeOffer(
    { filename, entry }: { filename: string; entry: OwnEntry },
    { digest, size }: Content,
  ): FileOffer {
    let handed: Handed | Promise<Handed>
    return {
      size,
      type: contentType(filename),
      etag: `"${digest}"`,
      lastModified: modifiedAt(entry),
      headers: HEADERS,
      handOver(call) {
        if (!isHandedOver(call, sendFile)) return undefined
        // Where a blob lies does not change; that it is there is for nginx to see, and for others asked each time.
        return sendFile === 'x-accel-redirect' ? (handed ??= handOver(digest)) : handOver(digest)
      },
      open(range) {
        const opened = smallBlobs.open({ digest, size, range })
        return opened instanceof Promise ? opened.then(found) : opened
      },
    }

    function found<T>(opened: T | undefined): T {
      if (opened === undefined) throw lost(filename, digest)
      return opened
    }
  }

  async function assertToBeHad(filename: string, digest: string): Promise<void> {
    if ((await blobs.stat(digest)) !== undefined) return
    const opened = await blobs.open(digest)
    if (!opened) throw lost(filename, digest)
    opened.stream.destroy()
  }

  function lost(filename: string, digest: string): Error {
    const isSought = replication.listMissing().some((one) => one.digest === digest)
    return refuse(isSought ? 'blob-sought' : 'blob-lost', { filename })
  }

  /** nginx asks once more where it finds no file; others would say that there is none. */
  function handOver(digest: string): Handed | Promise<Handed> {
    const path = blobs.pathOf(digest)
    if (path === undefined || sendFile === undefined) return undefined
    if (sendFile === 'x-accel-redirect') return fileHeader(sendFile, path)
    return blobs.stat(digest).then((blob) => blob && fileHeader(sendFile, path))
  }

  async function sendMirrored(call: Call, found: FoundFile): Promise<Answer> {
    const { index, project, filename, file } = found
    const url = await mirrors.findExternalUrl(index, project, filename, file)
    if (url !== undefined) return sendElsewhere(url)
    // Whoever asks for the head wants the file next, as uv does: upstream is asked for it once.
    const mirrored = await mirrors.openFile(index, project, filename, file, readerOf(call))
    const { isHere, digest, size } = mirrored
    if (isHere && digest !== undefined && size !== undefined) {
      return sendBlob(call, { filename, entry: file }, { digest, size })
    }
    const headers = { ...HEADERS, ...(!isHere && { 'X-Accel-Buffering': 'no' }) }
    const type = contentType(filename)
    if (size === undefined) {
      const body = call.method === 'HEAD' ? undefined : await mirrored.open()
      return { status: 200, headers: { ...headers, 'Content-Type': type }, body }
    }
    return fileAnswer(call, {
      size,
      type,
      etag: `"${digest ?? file.hashes.sha256 ?? `${folderTag(found)}-${size}`}"`,
      lastModified: modifiedAt(file),
      headers,
      open: (range) => mirrored.open(range),
    })
  }
}

/** For scripts in browsers, each step must allow it. The mirror's credentials stay here: anybody may see this. */
function sendElsewhere(url: string): Answer {
  const answer = redirect(302, url)
  return { ...answer, headers: { ...answer.headers, ...UNTRUSTED } }
}

/** Types by file name, as devpi has them. Archives never get a content coding. */
function contentType(filename: string): string {
  if (/\.(?:tar\.gz|tgz|tar\.bz2|tar)$/i.test(filename)) return 'application/x-tar'
  if (/\.zip$/i.test(filename)) return 'application/zip'
  return 'application/octet-stream'
}
