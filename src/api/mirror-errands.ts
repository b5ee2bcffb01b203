/** What replicas ask their primary about its mirrors: to look upstream for them, and for what it finds there. */
import { Readable } from 'node:stream'
import { refuse } from '#base/refusal'
import { conditional, fileAnswer, jsonValue } from '#http/reply'
import { get, type Answer, type Call, type Route } from '#http/route'
import { MIRROR_PATH, mirrorErrands, type MirrorErrand } from '#mirror/through-primary'
import { normalizeName, type ProjectName } from '#python/name'
import { printNames } from '#python/names-page'
import type { FileEntry } from '#registry/files'
import { getIndex, indexName, type IndexName } from '#registry/indexes'
import type { FileFact } from '#registry/hooks'
import { keys } from '#registry/keys'
import type { Parts } from './parts.ts'
import { assertReplica, FOR_REPLICAS } from './replication.ts'

const METADATA = '.metadata'
const PAGE = 'application/vnd.pypi.simple.v1+json'

export function mirrorErrandRoutes(parts: Parts): Route[] {
  const { ledger, mirrors, replication } = parts
  const path = `/${MIRROR_PATH}/:user/:index`
  return [
    get(path, (call) => forReplica(call, sendNames)),
    get(`${path}/:project`, (call) => forReplica(call, runErrand)),
    get(`${path}/:project/:filename`, (call) => forReplica(call, sendFile)),
  ]

  async function forReplica(
    call: Call,
    answer: (call: Call, index: IndexName) => Promise<Answer>,
  ): Promise<Answer> {
    assertReplica(replication, call)
    const index = indexName(call.params['user'] ?? '', call.params['index'] ?? '')
    const { type } = await ledger.read((tx) => getIndex(tx, index))
    if (type !== 'mirror') throw refuse('index-missing', { index })
    return answer(call, index)
  }

  async function sendNames(call: Call, index: IndexName): Promise<Answer> {
    const list = await mirrors.names(index)
    const headers = { ...FOR_REPLICAS, ETag: list.etag, 'Content-Type': PAGE }
    if (conditional(call, list.etag)) return { status: 304, headers }
    const page = printNames({ format: 'json', title: index }, list.batches())
    return { status: 200, headers, body: Readable.from(page) }
  }

  /** Answers with the serial at which what was found is in the ledger. */
  async function runErrand(call: Call, index: IndexName): Promise<Answer> {
    const project = projectOf(call)
    const errand = mirrorErrands.find((one) => one === call.query.get('for')) ?? 'links'
    const facts = learned[errand]
    if (facts) await mirrors.learnFacts(index, project, new Set(facts))
    const standing =
      errand === 'refresh'
        ? await mirrors.refresh(index, project)
        : await mirrors.freshen(index, project)
    await ledger.catchUp()
    return jsonValue(200, { standing, serial: ledger.serial }, FOR_REPLICAS)
  }

  async function sendFile(call: Call, index: IndexName): Promise<Answer> {
    const project = projectOf(call)
    const { filename = '' } = call.params
    const entry = await findEntry(index, project, filename)
    if (!entry && filename.endsWith(METADATA)) return sendMetadata(index, project, filename)
    if (!entry) throw refuse('file-missing')
    const file = await mirrors.openFile(index, project, filename, entry)
    const type = 'application/octet-stream'
    if (file.size === undefined) {
      const headers = { ...FOR_REPLICAS, 'Content-Type': type }
      return { status: 200, headers, body: await file.open() }
    }
    return fileAnswer(call, {
      ...{ size: file.size, type, headers: FOR_REPLICAS },
      etag: `"${file.digest ?? `${file.size}`}"`,
      open: (range) => file.open(range),
    })
  }

  async function sendMetadata(
    index: IndexName,
    project: ProjectName,
    filename: string,
  ): Promise<Answer> {
    const wheel = filename.slice(0, -METADATA.length)
    const entry = await findEntry(index, project, wheel)
    const bytes = entry && (await mirrors.openMetadata(index, project, wheel, entry))
    if (!bytes) throw refuse('metadata-missing', { path: `${index}/${project}/${filename}` })
    return { status: 200, headers: FOR_REPLICAS, body: bytes }
  }

  async function findEntry(
    index: IndexName,
    project: ProjectName,
    filename: string,
  ): Promise<FileEntry | undefined> {
    const entry = await ledger.read((tx) => tx.get(keys.file(index, project, filename)))
    return entry?.upstream && entry
  }
}

/** Files' facts that a primary finds out for a replica's policies. */
const learned: { readonly [errand in MirrorErrand]?: readonly FileFact[] } = {
  licences: ['licence'],
  sizes: ['size'],
  times: ['uploadedAt'],
}

const projectOf = ({ params }: Call): ProjectName => normalizeName(params['project'] ?? '')
