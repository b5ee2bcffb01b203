/** The forms that publishing programs build for one wheel: their fields, spellings, order and part types. */
import { blake2Of, fieldParts, filePart, md5Of, type Part } from './upload.ts'
import { makeWheel, type Distribution } from './wheel.ts'

/** What all of them publish. */
export const published = makeWheel('anchor', '1.0', {
  metadataVersion: '2.5',
  requiresPython: '>=3.8',
  requiresDist: ['rope'],
  classifiers: ['A :: B', 'C :: D'],
  description: 'Hi,\n\nthere: ü ☃\n',
  descriptionContentType: 'text/markdown',
  headers: [
    'Provides-Extra: e',
    'Project-URL: docs, https://example.org/',
    'License-File: LICENSE',
    'Import-Name: anchor',
  ],
})

export const attestations = JSON.stringify([
  { version: 1, verification_material: {}, envelope: {} },
])

const description = 'Hi,\r\n\r\nthere: ü ☃\r\n'

const metadata = {
  metadata_version: '2.5',
  name: 'anchor',
  version: '1.0',
  summary: 'The anchor of the tests',
  description,
  description_content_type: 'text/markdown',
  requires_python: '>=3.8',
  requires_dist: 'rope',
  classifiers: ['A :: B', 'C :: D'],
  project_urls: 'docs, https://example.org/',
}

const upload = { ':action': 'file_upload', protocol_version: '1' }
const about = { filetype: 'bdist_wheel', pyversion: 'py3' }
const octets = 'application/octet-stream'

type Build = (file: Distribution) => Part[]

export const publisherForms: Readonly<Record<string, Build>> = {
  twine: (file) => [
    ...fieldParts({
      provides_extra: 'e',
      license_file: 'LICENSE',
      import_name: 'anchor',
      ...metadata,
      pyversion: 'py3',
      filetype: 'bdist_wheel',
      sha256_digest: file.sha256,
      blake2_256_digest: blake2Of(file.bytes),
      ...upload,
    }),
    filePart(file, octets),
    // As twine sends a signature that lies beside the file.
    { name: 'gpg_signature', value: 'signed', filename: `${file.filename}.asc`, type: octets },
  ],
  uv: (file) => [
    ...fieldParts({
      ':action': 'file_upload',
      sha256_digest: file.sha256,
      blake2_256_digest: blake2Of(file.bytes),
      protocol_version: '1',
      ...metadata,
      ...about,
      provides_extra: 'e',
      license_file: 'LICENSE',
      import_names: 'anchor',
    }),
    filePart(file),
    { name: 'attestations', value: attestations },
  ],
  poetry: (file) => [
    ...fieldParts({
      md5_digest: md5Of(file.bytes),
      sha256_digest: file.sha256,
      blake2_256_digest: blake2Of(file.bytes),
      ...about,
      ...metadata,
      provides_extra: 'e',
      license_file: 'LICENSE',
      import_name: 'anchor',
      ...upload,
    }),
    filePart(file, octets),
  ],
  flit: (file) => [
    ...fieldParts({
      ':action': 'file_upload',
      ...metadata,
      provides_extra: 'e',
      license_files: 'LICENSE',
      import_name: 'anchor',
      protocol_version: '1',
      ...about,
      md5_digest: md5Of(file.bytes),
      sha256_digest: file.sha256,
    }),
    filePart(file),
  ],
  hatch: (file) => [
    ...fieldParts({
      ...metadata,
      provides_extra: 'e',
      license_file: 'LICENSE',
      import_name: 'anchor',
      ...about,
      ...upload,
      md5_digest: md5Of(file.bytes),
      sha256_digest: file.sha256,
      blake2_256_digest: blake2Of(file.bytes),
    }),
    filePart(file, octets),
  ],
  pdm: (file) => [
    ...fieldParts({
      ...about,
      ...metadata,
      home_page: '',
      author: '',
      author_email: '',
      license: '',
      keywords: '',
      download_url: '',
      comment: '',
      provides_extras: 'e',
      license_file: 'LICENSE',
      import_name: 'anchor',
      sha256_digest: file.sha256,
      md5_digest: md5Of(file.bytes),
      blake2_256_digest: blake2Of(file.bytes),
      ...upload,
    }),
    filePart(file, octets),
  ],
  devpi: (file) => [
    ...fieldParts({
      ...metadata,
      provides_extra: 'e',
      license_file: 'LICENSE',
      import_name: 'anchor',
      pyversion: '3',
      filetype: 'bdist_wheel',
      ...upload,
    }),
    filePart(file),
  ],
}
