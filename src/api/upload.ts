/** The legacy upload API (index-standards 3, devpi-http 4.16) as twine, uv, poetry, flit, hatch, pdm and devpi use it. */
import { Readable } from 'node:stream'
import { sha256, type Sha256 } from '#base/digest'
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import type { Answer, Call } from '#http/route'
import { addFile, judgeUpload, setRelease, type Upload } from '#registry/files'
import type { StageEntry } from '#registry/indexes'
import { readFormMetadata } from '#registry/releases'
import type { Parts } from './parts.ts'
import type { Submission } from './submit.ts'
import { readAttestations } from './upload-attestations.ts'
import { uploadDocs } from './upload-docs.ts'
import { isPlainForm, readPlainForm, readUploadForm, type UploadForm } from './upload-form.ts'
import { readIdentity, readUpload } from './upload-reading.ts'
import { assertOnlySdist, assertStrictPlace } from './upload-strict.ts'
import { getStage, nameOf, uploadDone } from './upload-target.ts'
import { actorOf } from './users.ts'

const invalid = (reason: string) => refuse('upload-invalid', { reason })

/** Actions of the API that were given up (index-standards 3.1). */
const goneActions = new Set(['submit', 'submit_pkg_info', 'doc_upload'])

/** What a form may have besides its file before the body is not even looked at. */
const FORM_ROOM = 40 * 1024 * 1024

export function uploads({ ledger, blobs, server }: Parts): Submission {
  return { isMeant: isMultipart, handle: upload, early }

  async function early(call: Call): Promise<void> {
    await ledger.read((tx) => getStage(tx, call))
    const limit = server.maxUploadSize
    const size = Number(call.headers['content-length'] ?? 0)
    if (size > limit + FORM_ROOM) throw refuse('body-too-large', { limit })
  }

  async function upload(call: Call): Promise<Answer> {
    await using form = isPlainForm(call)
      ? await readPlainForm(call, server.maxBodySize)
      : await readUploadForm(call, blobs, server.maxUploadSize)
    const stage = await ledger.read((tx) => getStage(tx, call))
    const action = form.field(':action') ?? (call.query.get(':action') || 'file_upload')
    // Awaited here: the form throws its bytes away when this function ends.
    if (isPlainForm(call) && action !== 'submit') throw refuse('upload-not-multipart')
    if (action === 'file_upload') return await addUpload(call, stage, form)
    if (stage.strict_uploads && goneActions.has(action)) throw refuse('upload-gone', { action })
    if (action === 'submit') return await submit(call, form)
    if (action === 'doc_upload') return await uploadDocs(call, { ledger }, form)
    throw invalid(`action '${action.slice(0, 100)}' not supported`)
  }

  /** Registers a release without a file, as `setup.py register` did. */
  async function submit(call: Call, form: UploadForm): Promise<Answer> {
    const { name, version, project } = readIdentity(form)
    const fields = readFormMetadata(form.fields)
    await ledger.write(actorOf(call), async (tx) => {
      await getStage(tx, call)
      await setRelease(tx, nameOf(call), { project, name, version, fields })
    })
    return uploadDone({ isRepeat: false })
  }

  async function addUpload(call: Call, stage: StageEntry, form: UploadForm): Promise<Answer> {
    const { content } = form
    if (!content) throw invalid('content file field not found')
    const attestations = readAttestations(form, stage)
    const upload = await readUpload(form, content, stage)

    // Asked before the bytes are kept, so that what is refused leaves nothing, and again with the write.
    const foreseen = await ledger.read((tx) => foresee(tx, call, upload))
    // First the bytes, then the key: a key without its blob must not happen.
    await content.keep()
    const isNew = foreseen !== 'changes nothing'
    const kept = attestations && isNew ? await keepBytes(attestations) : undefined
    const outcome = await ledger.write(actorOf(call), async (tx) => {
      await judge(tx, call, upload)
      const now = await getStage(tx, call)
      return addFile(tx, nameOf(call), now, { ...upload, attestations: kept }, call.who.user)
    })
    return uploadDone({ isRepeat: outcome === 'unchanged' && !stage.volatile })
  }

  /** Kept as they came (PEP 740); nothing serves them yet. */
  async function keepBytes(bytes: Buffer): Promise<Sha256> {
    const staged = await blobs.stage(Readable.from([bytes]))
    await staged.keep()
    return sha256(bytes)
  }
}

/** As `judge`, with what would take too long while others wait to write. */
async function foresee(
  tx: ReadTransaction,
  call: Call,
  upload: Upload,
): ReturnType<typeof judgeUpload> {
  const { strict_uploads: isStrict } = await getStage(tx, call)
  if (isStrict) await assertOnlySdist(tx, nameOf(call), upload)
  return judge(tx, call, upload)
}

async function judge(
  tx: ReadTransaction,
  call: Call,
  upload: Upload,
): ReturnType<typeof judgeUpload> {
  const stage = await getStage(tx, call)
  if (stage.strict_uploads) await assertStrictPlace(tx, nameOf(call), upload)
  return judgeUpload(tx, nameOf(call), stage, upload)
}

const isMultipart = ({ headers }: Call): boolean =>
  /^multipart\//i.test(headers['content-type'] ?? '')
