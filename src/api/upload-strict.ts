/** What an index with `strict_uploads` refuses besides: PyPI's rules (index-standards 2.5, 3.2, 9.9). */
import { refuse } from '#base/refusal'
import type { WriteTransaction } from '#ledger/transaction'
import { parseSdistFilename, parseWheelFilename } from '#python/filename'
import { isValidName, type ProjectName } from '#python/name'
import { readSdistMetadata } from '#python/sdist-archive'
import { parseSpecifiers } from '#python/specifier'
import { parseVersion } from '#python/version'
import { inspectWheel } from '#python/wheel-archive'
import { ArchiveProblem } from '#python/archive-problem'
import type { Upload } from '#registry/files'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { isSingleValued, metadataFieldName } from '#registry/releases'
import { agrees, isSameVersion, type ArchiveFacts } from './upload-checks.ts'
import type { UploadForm } from './upload-form.ts'

const invalid = (reason: string) => refuse('upload-invalid', { reason })

const METADATA_VERSIONS = ['1.0', '1.1', '1.2', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6']
const MAX_SUMMARY = 512

/** The form's fields, before anything is looked at in the archive. */
export function assertStrictForm(form: UploadForm): void {
  for (const [field, values] of form.fields) {
    if (values.length > 1 && isSingleValued(metadataFieldName(field) ?? '')) {
      throw invalid(`'${field}' has invalid data`)
    }
  }
  if ((form.field('protocol_version') ?? '1') !== '1') throw invalid('Unknown protocol version.')
  assertFiletype(form)
  if (!['md5_digest', 'sha256_digest', 'blake2_256_digest'].some((name) => form.field(name))) {
    throw invalid('Include at least one message digest.')
  }
  assertMetadataFields(form)
}

function assertFiletype(form: UploadForm): void {
  const filetype = form.field('filetype')
  const pyversion = form.field('pyversion')
  if (filetype !== 'sdist' && filetype !== 'bdist_wheel') {
    throw invalid('Invalid value for filetype. Error: Use a known file type.')
  }
  if (filetype === 'bdist_wheel' && pyversion === undefined) {
    throw invalid('Python version is required for binary distribution uploads.')
  }
  if (filetype === 'sdist' && pyversion !== undefined && pyversion !== 'source') {
    throw invalid("Use 'source' as Python version for an sdist.")
  }
}

function assertMetadataFields(form: UploadForm): void {
  const value = (name: string) => form.field(name)
  const bad = (field: string, why: string) =>
    invalid(`'${value(field) ?? ''}' is invalid for ${field}. Error: ${why}`)

  const version = value('metadata_version')
  if (!version || !METADATA_VERSIONS.includes(version)) {
    throw bad('metadata_version', 'Use a known metadata version.')
  }
  if (!isValidName(value('name') ?? '')) {
    throw bad(
      'name',
      'Start and end with a letter or numeral containing only ASCII numeric and ._-',
    )
  }
  if (!parseVersion(value('version') ?? '')) throw bad('version', 'Use a PEP 440 version.')
  if (form.fields.has('license_file') && Number(version) < 2.4) {
    throw invalid(`license-file introduced in metadata version 2.4, not ${version}`)
  }
  if (value('license') && value('license_expression')) {
    throw invalid('license_expression: can not be given together with license')
  }
  const type = value('description_content_type')?.split(';')[0]?.trim()
  if (type && !['text/plain', 'text/x-rst', 'text/markdown'].includes(type)) {
    throw bad('description_content_type', 'Use text/plain, text/x-rst or text/markdown.')
  }
  const summary = value('summary') ?? ''
  if (summary.length > MAX_SUMMARY || /[\r\n]/.test(summary)) {
    throw invalid(`summary: Use one line of at most ${MAX_SUMMARY} characters.`)
  }
  const python = value('requires_python')
  if (python && !parseSpecifiers(python)) throw bad('requires_python', 'Use a valid specifier.')
}

/** The file: its name, its agreement with the form, and that installers would take it. */
export async function assertStrictFile(
  form: UploadForm,
  project: ProjectName,
  version: string,
  facts: ArchiveFacts,
): Promise<void> {
  const { filename, content } = form
  const isWheel = filename.endsWith('.whl')
  const parsed = isWheel ? parseWheelFilename(filename) : parseSdistFilename(filename, project)
  const isKnown = isWheel || filename.endsWith('.tar.gz')
  if (!isKnown) throw invalid(`Invalid file extension: Use .tar.gz or .whl extension.`)
  if (!parsed) throw invalid(`Invalid ${isWheel ? 'wheel' : 'sdist'} filename: ${filename}`)
  if (parsed.name !== project || !isSameVersion(parsed.versionText, version)) {
    throw invalid(`${filename} is not of ${project} ${version}`)
  }
  const expected = isWheel ? 'bdist_wheel' : 'sdist'
  if (form.field('filetype') !== expected) throw invalid(`filetype: ${filename} is of ${expected}`)

  try {
    if (isWheel) await inspectWheel(content?.path ?? '', filename)
    else await readSdistMetadata(content?.path ?? '', filename, { isStrict: true })
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error
    throw invalid(`Invalid distribution file. ${error.reason}.`)
  }
  if (facts.metadata && !agrees(facts.metadata, project, version)) {
    throw invalid(`The metadata inside ${filename} is not of ${project} ${version}`)
  }
}

/** What only the index knows: names that were used, sdists that are there, projects that are closed. */
export async function assertStrictPlace(
  tx: WriteTransaction,
  index: IndexName,
  upload: Upload,
): Promise<void> {
  const { project, filename } = upload
  const status = (await tx.get(keys.project(index, project)))?.status?.status
  if (status === 'archived' || status === 'quarantined') {
    throw refuse('forbidden', { action: `upload to ${project}, which is ${status}` })
  }
  const present = await tx.get(keys.file(index, project, filename))
  if (present) return
  if ((await tx.history(keys.file(index, project, filename))).length > 0) {
    throw invalid(
      'This filename was previously used by a file that has since been deleted. Use a different version.',
    )
  }
  if (filename.endsWith('.whl')) return
  const files = await tx.list(keys.files(index, project))
  const hasSdist = files.some(
    ({ name, value }) => !name.endsWith('.whl') && isSameVersion(value.version, upload.fileVersion),
  )
  if (hasSdist) throw invalid('Only one sdist may be uploaded per release.')
}
