/** Uploading documentation: a zip for a release, which need not be known yet (devpi-http 4.16). */
import { refuse } from '#base/refusal'
import type { Call } from '#http/route'
import { ArchiveProblem } from '#python/archive-problem'
import { openArchive, type ArchiveSource } from '#python/archive-source'
import { checkDocsZip } from '#python/docs-zip'
import { normalizeLoosely } from '#python/name'
import { addDocs, judgeDocs, type DocsUpload } from '#registry/docs'
import { readFormMetadata } from '#registry/releases'
import type { Parts } from './parts.ts'
import type { UploadForm } from './upload-form.ts'
import { readIdentity } from './upload-reading.ts'
import { getStage, nameOf } from './upload-target.ts'
import { actorOf } from './users.ts'

const invalid = (reason: string) => refuse('upload-invalid', { reason })

/** `isRepeat`: it was there already, on an index that is not volatile. */
export async function addDocsUpload(
  call: Call,
  { ledger }: Pick<Parts, 'ledger'>,
  form: UploadForm,
): Promise<{ readonly isRepeat: boolean }> {
  const { content } = form
  if (!content) throw invalid('content file field not found')
  const upload = readDocs(form, content)
  await assertHarmless(form.archive)

  // Asked before the bytes are kept, so that what is refused leaves nothing, and again with the write.
  await ledger.read(async (tx) => judgeDocs(tx, nameOf(call), await getStage(tx, call), upload))
  await content.keep()
  return await ledger.write(actorOf(call), async (tx) => {
    const stage = await getStage(tx, call)
    const { user: uploader } = call.who
    const outcome = await addDocs(tx, nameOf(call), stage, { ...upload, uploader })
    return { isRepeat: outcome === 'changes nothing' && !stage.volatile }
  })
}

function readDocs(
  form: UploadForm,
  { digest, size }: NonNullable<UploadForm['content']>,
): DocsUpload {
  const { filename } = form
  // An empty version is a mistake; without the field, the latest release is meant.
  if (form.fields.has('version')) {
    const { name, version, project } = readIdentity(form)
    const release = { name, version, fields: readFormMetadata(form.fields) }
    return { project, release, filename, digest, size }
  }
  const name = form.field('name')
  if (name === undefined) throw invalid('invalid metadata: Missing required field "name"')
  return { project: normalizeLoosely(name), release: undefined, filename, digest, size }
}

/** What is no zip at all is taken, as devpi does, and shows no pages; a zip that is made to harm is refused. */
async function assertHarmless(source: ArchiveSource): Promise<void> {
  await using file = await openArchive(source)
  try {
    await checkDocsZip(file)
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error
    if (error.kind === 'hostile') throw invalid(`Invalid documentation file. ${error.reason}.`)
  }
}
