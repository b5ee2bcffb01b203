/** What an index with `strict_uploads` refuses in the form's fields: PyPI's rules (index-standards 2.5, 3.2). */
import { refuse } from '#base/refusal'
import { isValidName } from '#python/name'
import { parseSpecifiers } from '#python/specifier'
import { parseVersion } from '#python/version'
import { isSingleValued, metadataFieldName } from '#registry/releases'
import type { UploadForm } from './upload-form.ts'

const invalid = (reason: string) => refuse('upload-invalid', { reason })

const METADATA_VERSIONS = ['1.0', '1.1', '1.2', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6']
const MAX_SUMMARY = 512

const digestFields = ['md5_digest', 'sha256_digest', 'blake2_256_digest'] as const

/** What the form says of the upload, and not of the release. */
const formFields = new Set([
  ':action',
  'protocol_version',
  'filetype',
  'pyversion',
  'attestations',
  ...digestFields,
])

/** The metadata version that brought a field (index-standards 2.5). What is not here was always there. */
const introduced: Readonly<Record<string, number>> = {
  supported_platform: 1.1,
  download_url: 1.1,
  classifiers: 1.1,
  requires: 1.1,
  provides: 1.1,
  obsoletes: 1.1,
  maintainer: 1.2,
  maintainer_email: 1.2,
  requires_dist: 1.2,
  provides_dist: 1.2,
  obsoletes_dist: 1.2,
  requires_python: 1.2,
  requires_external: 1.2,
  project_urls: 1.2,
  description_content_type: 2.1,
  provides_extras: 2.1,
  dynamic: 2.2,
  license_expression: 2.4,
  license_file: 2.4,
  import_name: 2.5,
  import_namespace: 2.5,
}

/** The form's fields, before anything is looked at in the archive. */
export function assertStrictForm(form: UploadForm): void {
  for (const [field, values] of form.fields) {
    const isSingle = formFields.has(field) || isSingleValued(metadataFieldName(field) ?? '')
    if (values.length > 1 && isSingle) throw invalid(`'${field}' has invalid data`)
  }
  if ((form.field('protocol_version') ?? '1') !== '1') throw invalid('Unknown protocol version.')
  assertFiletype(form)
  if (!digestFields.some((name) => form.field(name))) {
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
  for (const field of form.fields.keys()) {
    const since = introduced[metadataFieldName(field) ?? ''] ?? 0
    if (Number(version) < since && value(field) !== undefined) {
      const header = field.replaceAll('_', '-')
      throw invalid(`${header} introduced in metadata version ${since}, not ${version}`)
    }
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
