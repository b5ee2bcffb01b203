/** Files and their core metadata under devpi's paths: `+f/3/13/NAME` and `+e/DIR/NAME`. */
import { refuse } from '#base/refusal'
import { fileAnswer, json, redirect, type Envelope } from '#http/reply'
import { del, get, type Answer, type Call, type Route } from '#http/route'
import { packageType } from '#python/filename'
import { likelyProjects, type FoundFile } from '#registry/file-path'
import { modifiedAt, type FileEntry } from '#registry/files'
import { getIndex, indexName } from '#registry/indexes'
import { hashSpec, releaseOf } from '#registry/release-links'
import { findStored, wasStored, type Address, type Stored } from '#registry/stored'
import { folderTag, IMMUTABLE, UNTRUSTED } from './file-headers.ts'
import { metadataSender } from './file-metadata.ts'
import { jsonKeeper } from './kept-json.ts'
import type { Parts } from './parts.ts'
import { policedFiles, type PolicedFile } from './policed-files.ts'
import { recordRehearsed } from './rehearsal.ts'
import { removalOperations } from './removal-operations.ts'
import { removerOf } from './removals.ts'

interface Served {
  readonly found: Stored
  readonly isPoliced: boolean
  /** As policies leave it, where they have a say. */
  readonly offered: PolicedFile | undefined
}

const METADATA_SUFFIX = '.metadata'

/** What lies in our own blob store. */
type OwnEntry = Pick<FileEntry, 'digest' | 'size' | 'addedAt' | 'uploadedAt' | 'modifiedAt'>

/** A slash at the end is tolerated, as devpi does. */
const filePaths = [
  '/:user/:index/+f/:a/:b/:filename',
  '/:user/:index/+e/:folder/:filename',
].flatMap((path) => [path, `${path}/`])

export function fileRoutes(parts: Parts): Route[] {
  const { ledger, blobs, mirrors } = parts
  const kept = jsonKeeper(parts)
  const remove = removalOperations(parts)
  const policed = policedFiles(parts)
  const sendMetadata = metadataSender({ blobs, mirrors })
  return [
    ...filePaths.flatMap((path) => [get(path, showFile), del(path, deleteFile)]),
    ...['+f', '+e'].map((folder) => get(`/:user/:index/${folder}/*`, refuseOther)),
  ]

  /** Not as deep, or deeper, than any file lies. */
  function refuseOther(): never {
    throw refuse('file-missing')
  }

  async function showFile(call: Call): Promise<Answer> {
    const address = addressOf(call)
    const { filename } = address
    if (filename.endsWith(METADATA_SUFFIX)) {
      const wheel = filename.slice(0, -METADATA_SUFFIX.length)
      const { found, isPoliced } = await getServed({ ...address, filename: wheel })
      if (found.rel !== 'releasefile') throw refuse('file-missing')
      const answer = await sendMetadata(call, found.file)
      return isPoliced ? notKept(answer) : answer
    }
    if (call.wantsJson) return showFacts(address)
    const { found, isPoliced, offered } = await getServed(address)
    const answer = await sendStored(call, found)
    if (offered) recordRehearsed(parts, call, offered)
    const isWhole = call.method === 'GET' && call.headers.range === undefined
    if (isWhole && found.rel === 'releasefile') {
      parts.downloads.count(address.index, found.project)
    }
    return isPoliced ? notKept(answer) : answer
  }

  /** Where policies have a say, by what the index offers, with its bases; else what lies on the index itself. */
  async function getServed(address: Address): Promise<Served> {
    const isPoliced = await policed.isPoliced(address.index)
    const offered = isPoliced ? await policed.find(address) : undefined
    const found = offered ? storedOf(offered.file) : await getStored(address)
    return { found, isPoliced, offered }
  }

  function sendStored(call: Call, found: Stored): Promise<Answer> {
    const { filename } = found
    if (found.rel !== 'releasefile') return sendOwn(call, filename, found.entry)
    const { file } = found.file
    return file.upstream ? sendMirrored(call, found.file) : sendOwn(call, filename, file)
  }

  async function showFacts(address: Address): Promise<Answer> {
    if (await policed.isPoliced(address.index)) {
      const { found } = await getServed(address)
      return notStored(json(200, describeFile(found)))
    }
    const name = `json file ${address.index}/${address.folder}/${address.filename}`
    const known = await kept.find(name)
    if (!known) await getStored(address) // which may look upstream
    const answer =
      known ??
      (await kept.send(name, async (tx) => {
        const found = await findStored(tx, address)
        if (!found) throw refuse('file-missing')
        return describeFile(found)
      }))
    // The bytes at this address may be kept for ever; this must not take their place.
    return notStored(answer)
  }

  async function deleteFile(call: Call): Promise<Answer> {
    const address = addressOf(call)
    await remove.file(removerOf(call), address)
    const path = `${address.index}/${address.folder}/${address.filename}`
    return json(200, { message: `package '${path}' deleted` })
  }

  /** Also finds a mirrored file whose project page nobody has asked for yet: lock files name files alone. */
  async function getStored(address: Address): Promise<Stored> {
    const { index, folder, filename } = address
    const find = () => ledger.read((tx) => findStored(tx, address))
    const found = await find()
    if (found) return found

    if (!folder.startsWith('+f/')) throw refuse('file-missing')
    // An index that was removed leaves this behind too: clients shall know that waiting does not help.
    if (await ledger.read((tx) => wasStored(tx, address))) throw refuse('file-gone')
    if (packageType(filename) === undefined) throw refuse('file-missing')
    const entry = await ledger.read((tx) => getIndex(tx, index))
    const projects = entry.type === 'mirror' ? likelyProjects(filename) : []
    for (const project of projects.filter((one) => !mirrors.isFresh(index, one))) {
      await mirrors.freshen(index, project)
      const fetched = await find()
      if (fetched) return fetched
    }
    throw refuse('file-missing')
  }

  async function sendOwn(call: Call, filename: string, entry: OwnEntry): Promise<Answer> {
    const { digest } = entry
    // Of what is still to come from another server the entry does not tell it.
    const size = entry.size ?? (digest === undefined ? undefined : await blobs.size(digest))
    if (digest === undefined || size === undefined) throw refuse('file-missing')
    return fileAnswer(call, {
      size,
      type: contentType(filename),
      etag: `"${digest}"`,
      lastModified: modifiedAt(entry),
      headers: { 'Cache-Control': IMMUTABLE, ...UNTRUSTED },
      async open(range) {
        const blob = await blobs.open(digest, range)
        if (!blob) throw new Error(`the blob of ${filename} (${digest}) is lost`)
        return blob.stream
      },
    })
  }

  async function sendMirrored(call: Call, found: FoundFile): Promise<Answer> {
    const { index, project, filename, file } = found
    const url = await mirrors.findExternalUrl(index, project, filename, file)
    if (url !== undefined) return sendElsewhere(url)
    // Whoever asks for the head wants the file next, as uv does: upstream is asked for it once.
    const mirrored = await mirrors.openFile(index, project, filename, file)
    const passing = mirrored.isHere ? {} : { 'X-Accel-Buffering': 'no' }
    const headers = { 'Cache-Control': IMMUTABLE, ...passing, ...UNTRUSTED }
    const type = contentType(filename)
    if (mirrored.size === undefined) {
      const body = call.method === 'HEAD' ? undefined : await mirrored.open()
      return { status: 200, headers: { ...headers, 'Content-Type': type }, body }
    }
    return fileAnswer(call, {
      size: mirrored.size,
      type,
      etag: `"${mirrored.digest ?? file.hashes.sha256 ?? `${folderTag(found)}-${mirrored.size}`}"`,
      lastModified: modifiedAt(file),
      headers,
      open: (range) => mirrored.open(range),
    })
  }
}

const storedOf = (file: FoundFile): Stored => {
  const { index, project, filename } = file
  return { rel: 'releasefile', index, project, filename, version: releaseOf(file.file), file }
}

const withCaching = (answer: Answer, how: string): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'Cache-Control': how },
})

const notStored = (answer: Answer): Answer => withCaching(answer, 'no-store')

/** A policy may hide it any time: whoever keeps it asks again each time. */
const notKept = (answer: Answer): Answer => withCaching(answer, 'no-cache')

/** For scripts in browsers, each step must allow it. The mirror's credentials stay here: anybody may see this. */
function sendElsewhere(url: string): Answer {
  const answer = redirect(302, url)
  return { ...answer, headers: { ...answer.headers, ...UNTRUSTED } }
}

/** What is known of a file, for who asks for JSON: devpi's `releasefilemeta`. */
function describeFile(found: Stored): Envelope {
  const { project, version } = found
  const facts = found.rel === 'releasefile' ? found.file.file : ownFacts(found.entry)
  const { upstream } = facts
  const result = {
    hash_spec: hashSpec(facts) || undefined,
    hashes: { ...facts.hashes, ...(facts.digest !== undefined && { sha256: facts.digest }) },
    // What was never fetched has told no time of its own.
    last_modified:
      upstream && !facts.digest ? undefined : new Date(modifiedAt(facts)).toUTCString(),
    project,
    url: upstream?.url,
    version,
  }
  return { result, type: 'releasefilemeta' }
}

type Facts = Pick<
  FileEntry,
  'digest' | 'hashes' | 'addedAt' | 'uploadedAt' | 'modifiedAt' | 'upstream'
>

function ownFacts({ digest, addedAt }: { digest: string; addedAt: number }): Facts {
  return { hashes: { sha256: digest }, addedAt }
}

export function addressOf({ params }: Call): Address {
  const { user = '', index = '', a = '', b = '', folder, filename = '' } = params
  const below = folder === undefined ? `+f/${a}/${b}` : `+e/${folder}`
  return { index: indexName(user, index), folder: below, filename }
}

/** Types by file name, as devpi has them. Archives never get a content coding. */
function contentType(filename: string): string {
  if (/\.(?:tar\.gz|tgz|tar\.bz2|tar)$/i.test(filename)) return 'application/x-tar'
  if (/\.zip$/i.test(filename)) return 'application/zip'
  return 'application/octet-stream'
}
