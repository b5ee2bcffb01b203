/** The legacy upload API (index-standards 3, devpi-http 4.16) as twine, uv, poetry, flit, hatch, pdm and devpi use it. */
import { Readable } from 'node:stream'
import { refuse } from '#base/refusal'
import type { Sha256 } from '#base/digest'
import { post, type Answer, type Call, type Route } from '#http/route'
import { metadataField } from '#python/metadata'
import { normalizeLoosely } from '#python/name'
import { assertMayUpload } from '#registry/access'
import { addFile, registerRelease, type Upload } from '#registry/files'
import { getIndex, indexName, type IndexName, type StageEntry } from '#registry/indexes'
import { assertNameAndVersion, readFormMetadata } from '#registry/releases'
import type { Parts } from './parts.ts'
import {
  agrees,
  assertPlainFilename,
  checkFilename,
  readArchive,
  type ArchiveFacts,
} from './upload-checks.ts'
import { readUploadForm, type UploadForm } from './upload-form.ts'
import { assertStrictFile, assertStrictForm, assertStrictPlace } from './upload-strict.ts'
import { actorOf } from './users.ts'

const invalid = (reason: string) => refuse('upload-invalid', { reason })

/** Clients require 200 exactly, and show nothing of the body. */
const done = (reason?: string): Answer => ({
  status: 200,
  reason,
  headers: { 'Content-Type': 'text/html; charset=UTF-8' },
  body: '',
})

export function uploadRoutes({ ledger, blobs, server }: Parts): Route[] {
  const early = async (call: Call): Promise<void> => void (await getStage(call))
  return ['/:user/:index', '/:user/:index/'].map((path) => post(path, upload, { early }))

  /** The stage that may be uploaded to; refuses before the body is read. */
  async function getStage(call: Call): Promise<StageEntry> {
    const entry = await ledger.read((tx) => getIndex(tx, nameOf(call)))
    if (entry.type === 'mirror') throw refuse('upload-to-mirror')
    assertMayUpload(entry, call.who)
    return entry
  }

  async function upload(call: Call): Promise<Answer> {
    const stage = await getStage(call)
    await using form = await readForm(call)
    switch (form.field(':action') ?? call.query.get(':action') ?? 'file_upload') {
      case 'file_upload':
        return await addUpload(call, stage, form)
      case 'submit':
        if (stage.strict_uploads) throw refuse('upload-gone', { action: 'submit' })
        return await submit(call, form)
      default: {
        const action = form.field(':action') ?? ''
        if (stage.strict_uploads) throw refuse('upload-gone', { action })
        throw invalid(`action '${action}' not supported`)
      }
    }
  }

  async function readForm(call: Call): Promise<UploadForm> {
    if (!/^application\/x-www-form-urlencoded\b/i.test(call.headers['content-type'] ?? '')) {
      return readUploadForm(call, blobs, server.maxUploadSize)
    }
    const fields = new Map<string, string[]>()
    const body = new URLSearchParams((await call.bytes(server.maxBodySize)).toString())
    for (const name of body.keys()) fields.set(name, body.getAll(name))
    return {
      fields,
      content: undefined,
      filename: '',
      field: (name) => fields.get(name)?.at(-1) || undefined,
      [Symbol.asyncDispose]: async () => {},
    }
  }

  /** Registers a release without a file, as `setup.py register` did. */
  async function submit(call: Call, form: UploadForm): Promise<Answer> {
    const { name, version, project } = readIdentity(form)
    const fields = readFormMetadata(form.fields)
    await ledger.write(actorOf(call), async (tx) => {
      await assertStillAllowed(tx, call)
      await registerRelease(tx, nameOf(call), { project, name, version, fields })
    })
    return done()
  }

  async function addUpload(call: Call, stage: StageEntry, form: UploadForm): Promise<Answer> {
    if (!form.content) throw invalid('content file field not found')
    const { name, version, project } = readIdentity(form)
    const { filename, content } = form
    assertPlainFilename(filename)
    if (stage.strict_uploads) assertStrictForm(form)
    const fileVersion = checkFilename(filename, project, version)
    const facts = await readArchive(content.path, filename)
    if (stage.strict_uploads) await assertStrictFile(form, project, version, facts)

    const upload: Upload = {
      project,
      name,
      version,
      filename,
      digest: content.digest,
      size: content.size,
      fileVersion,
      ...fromArchive(facts, form, project, version),
      attestations: await keepAttestations(form),
      fields: readFormMetadata(form.fields),
    }
    // First the bytes, then the key: a key without its blob must not happen.
    await content.keep()
    const outcome = await ledger.write(actorOf(call), async (tx) => {
      const now = await assertStillAllowed(tx, call)
      if (now.strict_uploads) await assertStrictPlace(tx, nameOf(call), upload)
      return addFile(tx, nameOf(call), now, upload, call.who.user)
    })
    const isRepeat = outcome === 'unchanged' && !stage.volatile
    return done(isRepeat ? 'Upload of identical file to non volatile index.' : undefined)
  }

  /** The index may have gone or changed while the body came in. */
  async function assertStillAllowed(
    tx: Parameters<typeof getIndex>[0],
    call: Call,
  ): Promise<StageEntry> {
    const entry = await getIndex(tx, nameOf(call))
    if (entry.type === 'mirror') throw refuse('upload-to-mirror')
    assertMayUpload(entry, call.who)
    return entry
  }

  /** Kept as they came (PEP 740); nothing serves them yet. */
  async function keepAttestations(form: UploadForm): Promise<Sha256 | undefined> {
    const sent = form.field('attestations')
    if (sent === undefined) return undefined
    if (!isAttestationList(sent)) {
      throw invalid(
        'attestations: Invalid attestations supplied during upload: not a JSON array of objects',
      )
    }
    const staged = await blobs.stage(Readable.from([Buffer.from(sent)]))
    await staged.keep()
    return staged.digest
  }
}

const nameOf = ({ params: { user = '', index = '' } }: Call): IndexName => indexName(user, index)

function readIdentity(form: UploadForm) {
  const name = form.field('name') ?? ''
  const version = form.field('version') ?? ''
  assertNameAndVersion(name, version)
  return { name, version, project: normalizeLoosely(name) }
}

/** What the index publishes of a file comes from the archive where it can be read, else from the form. */
function fromArchive(
  { metadata, digest }: ArchiveFacts,
  form: UploadForm,
  project: string,
  version: string,
): Pick<Upload, 'requiresPython' | 'metadata'> {
  if (metadata && agrees(metadata, project, version)) {
    return { requiresPython: metadataField(metadata, 'requires_python'), metadata: digest }
  }
  return { requiresPython: form.field('requires_python'), metadata: undefined }
}

function isAttestationList(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return (
      Array.isArray(value) &&
      value.length > 0 &&
      value.every(
        (member) => typeof member === 'object' && member !== null && !Array.isArray(member),
      )
    )
  } catch {
    return false
  }
}
