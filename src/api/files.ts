/** Files and their core metadata under devpi's paths: `+f/3/13/NAME` and `+e/DIR/NAME`. */
import { refuse } from '#base/refusal'
import { carryAlong } from '#base/waits'
import { json, type Envelope } from '#http/reply'
import { del, get, type Answer, type Call, type Route } from '#http/route'
import { modifiedAt, type FileEntry } from '#registry/files'
import { indexName } from '#registry/indexes'
import { hashSpec } from '#registry/release-links'
import { findStored, type Address, type Stored } from '#registry/stored'
import { fileFinder, withName, type NamedAddress, type Served } from './file-finder.ts'
import { metadataSender } from './file-metadata.ts'
import { fileSender } from './file-sender.ts'
import { jsonKeeper } from './kept-json.ts'
import type { Parts } from './parts.ts'
import { recordRehearsed } from './rehearsal.ts'
import { removalOperations } from './removal-operations.ts'
import { removerOf } from './removals.ts'

const METADATA_SUFFIX = '.metadata'

interface Asked {
  readonly address: NamedAddress
  /** Of the file there. */
  readonly isMetadata: boolean
}

/** A slash at the end is tolerated, as devpi does. */
const filePaths = [
  '/:user/:index/+f/:a/:b/:filename',
  '/:user/:index/+e/:folder/:filename',
].flatMap((path) => [path, `${path}/`])

export function fileRoutes(parts: Parts): Route[] {
  const { ledger } = parts
  const kept = jsonKeeper(parts)
  const remove = removalOperations(parts)
  const files = fileFinder(parts)
  const sendStored = fileSender(parts)
  const sendMetadata = metadataSender(parts)
  const addresses = new WeakMap<Call['params'], Asked>()
  return [
    ...filePaths.flatMap((path) => [get(path, showFile, { isSwift: true }), del(path, deleteFile)]),
    ...['+f', '+e'].map((folder) => get(`/:user/:index/${folder}/*`, refuseOther)),
  ]

  /** Not as deep, or deeper, than any file lies. */
  function refuseOther(): never {
    throw refuse('file-missing')
  }

  /** Stays synchronous for what is known and in memory. */
  function showFile(call: Call): Answer | Promise<Answer> {
    const asked = addresses.get(call.params) ?? readAddress(call)
    const { address, isMetadata } = asked
    if (call.wantsJson && !isMetadata) return carryAlong(() => showFacts(address))
    const behind = ledger.catchUpOnce()
    const served = behind ? undefined : files.findKnown(address)
    return served
      ? show(call, asked, served)
      : carryAlong(() => files.get(address).then((found) => show(call, asked, found)))
  }

  /** The router has the same parameters again where it has seen the address before. */
  function readAddress(call: Call): Asked {
    const { index, folder, filename } = addressOf(call)
    const isMetadata = filename.endsWith(METADATA_SUFFIX)
    const wheel = isMetadata ? filename.slice(0, -METADATA_SUFFIX.length) : filename
    const asked = { address: withName({ index, folder, filename: wheel }), isMetadata }
    addresses.set(call.params, asked)
    return asked
  }

  function show(call: Call, asked: Asked, served: Served): Answer | Promise<Answer> {
    return asked.isMetadata ? showMetadata(call, served) : showBytes(call, asked.address, served)
  }

  function showMetadata(call: Call, { found, isPoliced }: Served): Answer | Promise<Answer> {
    if (found.rel !== 'releasefile') throw refuse('file-missing')
    const answer = sendMetadata(call, found.file)
    return isPoliced ? notKept(answer) : answer
  }

  function showBytes(call: Call, address: Address, served: Served): Answer | Promise<Answer> {
    const answer = sendStored(call, served.found)
    if (answer instanceof Promise) return answer.then((sent) => noted(call, address, served, sent))
    return noted(call, address, served, answer)
  }

  /** Counts what was sent, once there is an answer. */
  function noted(call: Call, { index }: Address, served: Served, answer: Answer): Answer {
    const { found, isPoliced, offered } = served
    if (offered) recordRehearsed(parts, call, offered)
    const isWhole = call.method === 'GET' && call.headers.range === undefined
    if (isWhole && found.rel === 'releasefile') parts.downloads.count(index, found.project)
    return isPoliced ? withCaching(answer, NO_CACHE) : answer
  }

  async function showFacts(address: NamedAddress): Promise<Answer> {
    if (await files.isPoliced(address)) {
      const { found } = await files.get(address)
      return notStored(json(200, describeFile(found)))
    }
    const name = `json file ${address.index}/${address.folder}/${address.filename}`
    const known = await kept.find(name)
    if (!known) await files.get(address) // which may look upstream
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
}

const withCaching = (answer: Answer, how: string): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'Cache-Control': how },
})

const notStored = (answer: Answer): Answer => withCaching(answer, 'no-store')

/** A policy may hide it any time: whoever keeps it asks again each time. */
const NO_CACHE = 'no-cache'

function notKept(answer: Answer | Promise<Answer>): Answer | Promise<Answer> {
  return answer instanceof Promise
    ? answer.then((sent) => withCaching(sent, NO_CACHE))
    : withCaching(answer, NO_CACHE)
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
