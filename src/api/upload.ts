/** The legacy upload API (index-standards 3, devpi-http 4.16) as twine, uv, poetry, flit, hatch, pdm and devpi use it. */
import { refuse } from '#base/refusal'
import type { Answer, Call } from '#http/route'
import { setRelease } from '#registry/files'
import { readFormMetadata } from '#registry/releases'
import type { Parts } from './parts.ts'
import type { Submission } from './submit.ts'
import { addUpload } from './upload-adding.ts'
import { addDocsUpload } from './upload-docs.ts'
import { isPlainForm, readPlainForm, readUploadForm, type UploadForm } from './upload-form.ts'
import { readIdentity } from './upload-reading.ts'
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
    using coming = ledger.expectWrite()
    const stage = await ledger.read((tx) => getStage(tx, call))
    const action = form.field(':action') ?? (call.query.get(':action') || 'file_upload')
    // Awaited here: the form throws its bytes away when this function ends.
    if (isPlainForm(call) && action !== 'submit') throw refuse('upload-not-multipart')
    if (action === 'file_upload') {
      return uploadDone(await addUpload({ ledger, blobs }, call, { form, stage, coming }))
    }
    if (stage.strict_uploads && goneActions.has(action)) throw refuse('upload-gone', { action })
    if (action === 'submit') return await submit(call, form)
    if (action === 'doc_upload') {
      return uploadDone(await addDocsUpload(call, { ledger }, form))
    }
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
}

const isMultipart = ({ headers }: Call): boolean =>
  /^multipart\//i.test(headers['content-type'] ?? '')
