/** An upload as the registry takes it, from its form and its file. */
import { readLicence } from '#python/licence'
import { metadataField } from '#python/metadata'
import { normalizeLoosely } from '#python/name'
import type { Upload } from '#registry/files'
import type { StageEntry } from '#registry/indexes'
import { assertNameAndVersion, assertShownLength, readFormMetadata } from '#registry/releases'
import { agrees, assertPlainFilename, checkFilename, readArchive } from './upload-checks.ts'
import type { ArchiveFacts } from './upload-checks.ts'
import type { UploadForm } from './upload-form.ts'
import { assertStrictFile } from './upload-strict.ts'
import { assertStrictForm } from './upload-strict-form.ts'

/** The form and its file, once they agree with themselves. */
export async function readUpload(
  form: UploadForm,
  { digest, size }: NonNullable<UploadForm['content']>,
  stage: StageEntry,
): Promise<Upload> {
  const { filename } = form
  const { name, version, project } = readIdentity(form)
  assertPlainFilename(filename)
  if (stage.strict_uploads) assertStrictForm(form)
  const fileVersion = checkFilename(filename, { project, name, version })
  const facts = await readArchive(form.archive, filename)
  if (stage.strict_uploads) await assertStrictFile(form, project, version, facts)
  return {
    project,
    name,
    version,
    filename,
    digest,
    size,
    fileVersion,
    ...fromArchive(facts, form, project, fileVersion),
    attestations: undefined,
    fields: readFormMetadata(form.fields),
  }
}

/** The release that a form is about; refuses what can be none. */
export function readIdentity(form: UploadForm) {
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
  fileVersion: string,
): Pick<Upload, 'requiresPython' | 'metadata' | 'licence'> {
  const sent = form.field('requires_python')
  if (!metadata || !agrees(metadata, project, fileVersion)) {
    return { requiresPython: sent, metadata: undefined }
  }
  const own = metadataField(metadata, 'requires_python')
  assertShownLength('requires_python', own)
  // An sdist's may be dynamic: then only whoever built it knows.
  const requiresPython = digest === undefined ? (own ?? sent) : own
  return { requiresPython, metadata: digest, licence: readLicence(metadata) }
}
