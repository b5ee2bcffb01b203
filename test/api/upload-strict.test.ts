/** The index option `strict_uploads`: PyPI's rules (index-standards 9.9), beside what any other index does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '#base/digest'
import { startApi } from '../support/api.ts'
import {
  listFiles,
  sendParts,
  sendRefused,
  strictFields,
  uploadParts,
  type Fields,
} from '../support/upload.ts'
import { makeSdist, makeTarGz, makeWheel, type Distribution } from '../support/wheel.ts'

const STRICT = 'ada/strict'

const wheel = makeWheel('foo', '1.0')
const sdist = makeSdist('foo', '1.0')
const named = (filename: string): Distribution => ({ ...wheel, filename })
const holding = (filename: string, bytes: Buffer): Distribution => ({
  ...wheel,
  filename,
  bytes,
  sha256: sha256(bytes),
})

const noDigest: Fields = { sha256_digest: undefined, blake2_256_digest: undefined }

interface Row {
  readonly row: string
  readonly fields?: Fields
  readonly file?: Distribution
  /** What the strict index says. */
  readonly reason: RegExp
  /** Why any other index refuses it too. */
  readonly usual?: RegExp
}

const rows: readonly Row[] = [
  { row: 'U3', fields: { protocol_version: '2' }, reason: /^Unknown protocol version\.$/ },
  {
    row: 'U6 an egg',
    fields: { filetype: 'bdist_egg' },
    reason: /^Invalid value for filetype\. Error: Use a known file type\.$/,
  },
  { row: 'U6 no filetype', fields: { filetype: undefined }, reason: /filetype/ },
  {
    row: 'U7 a wheel without pyversion',
    fields: { pyversion: undefined },
    reason: /^Python version is required for binary distribution uploads\.$/,
  },
  {
    row: 'U8 an sdist for one Python',
    file: sdist,
    fields: { pyversion: '3.12' },
    reason: /^Use 'source' as Python version for an sdist\.$/,
  },
  { row: 'U9 no digest', fields: noDigest, reason: /^Include at least one message digest\.$/ },
  {
    row: 'U21 an sdist as .zip',
    file: makeSdist('foo', '1.0', { extension: '.zip' }),
    reason: /^Invalid file extension: /,
  },
  { row: 'U22 .egg', file: named('foo-1.0-py3.egg'), reason: /^Invalid file extension: / },
  { row: 'U22 .exe', file: named('foo-1.0.exe'), reason: /^Invalid file extension: / },
  { row: 'U22 .tar.bz2', file: named('foo-1.0.tar.bz2'), reason: /^Invalid file extension: / },
  {
    row: 'U24 a dash in the name',
    fields: { name: 'foo-bar' },
    file: named('foo-bar-1.0-py3-none-any.whl'),
    reason: /^Invalid wheel filename: foo-bar-1\.0-py3-none-any\.whl$/,
  },
  {
    row: 'U25 a wheel of another version',
    file: named('foo-1.0.1-py3-none-any.whl'),
    reason: /^foo-1\.0\.1-py3-none-any\.whl is not of foo 1\.0$/,
  },
  {
    row: 'U25 a wheel of another project',
    file: named('bar-1.0-py3-none-any.whl'),
    reason: /does not match project name/,
    usual: /does not match project name/,
  },
  {
    row: 'U25 metadata of another version',
    file: makeWheel('foo', '1.0', {
      metadata: 'Metadata-Version: 2.1\nName: foo\nVersion: 1.1\n',
    }),
    reason: /^The metadata inside foo-1\.0-py3-none-any\.whl is not of foo 1\.0$/,
  },
  {
    row: 'U28 metadata 2.0',
    fields: { metadata_version: '2.0' },
    reason: /^'2\.0' is invalid for metadata_version\. Error: Use a known metadata version\.$/,
  },
  { row: 'U28 metadata 2.7', fields: { metadata_version: '2.7' }, reason: /metadata_version/ },
  {
    row: 'no metadata_version',
    fields: { metadata_version: undefined },
    reason: /metadata_version/,
  },
  {
    row: 'U30',
    fields: { metadata_version: '2.1', license_file: 'LICENSE' },
    reason: /^license-file introduced in metadata version 2\.4, not 2\.1$/,
  },
  {
    row: 'U30 in the plural',
    fields: { metadata_version: '2.1', license_files: 'LICENSE' },
    reason: /^license-files introduced in metadata version 2\.4, not 2\.1$/,
  },
  {
    row: 'U31',
    fields: { metadata_version: '2.4', license: 'MIT', license_expression: 'MIT' },
    reason: /^license_expression: can not be given together with license$/,
  },
  {
    row: 'U32',
    fields: { description_content_type: 'text/html' },
    reason: /^'text\/html' is invalid for description_content_type\. /,
  },
  {
    row: 'U33',
    fields: { requires_python: '>=3.*' },
    reason: /^'>=3\.\*' is invalid for requires_python\. /,
  },
  {
    row: 'U36',
    fields: { name: 'foo_' },
    reason: /Names must end with/,
    usual: /Names must end with/,
  },
  { row: 'U37 513 characters', fields: { summary: 'x'.repeat(513) }, reason: /^summary: / },
  { row: 'U37 two lines', fields: { summary: 'a\nb' }, reason: /^summary: / },
  { row: 'U40 name twice', fields: { name: ['foo', 'foo'] }, reason: /^'name' has invalid data$/ },
  {
    row: 'U40 filetype twice',
    fields: { filetype: ['bdist_wheel', 'sdist'] },
    reason: /^'filetype' has invalid data$/,
  },
  {
    row: 'U42 no WHEEL',
    file: makeWheel('foo', '1.0', { omit: ['WHEEL'] }),
    reason: /^Invalid distribution file\. the wheel has no foo-1\.0\.dist-info\/WHEEL\.$/i,
  },
  {
    row: 'U42 no METADATA',
    file: makeWheel('foo', '1.0', { omit: ['METADATA'] }),
    reason: /^Invalid distribution file\. .*METADATA\.$/,
  },
  {
    row: 'U42 no RECORD',
    file: makeWheel('foo', '1.0', { omit: ['RECORD'] }),
    reason: /^Invalid distribution file\. .*RECORD\.$/,
  },
  {
    row: 'U43 random bytes',
    file: holding(wheel.filename, Buffer.from('nonsense')),
    reason: /^Invalid distribution file\./,
  },
  {
    row: 'U43 half a zip',
    file: holding(wheel.filename, wheel.bytes.subarray(0, 300)),
    reason: /^Invalid distribution file\./,
  },
  {
    row: 'metadata with a field twice',
    file: makeWheel('foo', '1.0', { headers: ['Summary: again'] }),
    reason: /^Invalid distribution file\. The field Summary is given more than once\.$/,
  },
  {
    row: 'U45 an sdist without PKG-INFO',
    file: makeSdist('foo', '1.0', { omit: ['PKG-INFO'] }),
    reason: /^Invalid distribution file\. .*PKG-INFO/,
  },
  {
    row: 'U45 an sdist with two top folders',
    file: holding(
      sdist.filename,
      makeTarGz([
        { name: 'foo-1.0/PKG-INFO', content: sdist.metadataBytes },
        { name: 'bar/x', content: '' },
      ]),
    ),
    reason: /^Invalid distribution file\. .*top folder/,
  },
  { row: 'U47 no attestation', fields: { attestations: '[]' }, reason: /^attestations: / },
]

test('a strict index refuses what PyPI refuses, and any other index takes it', async (t) => {
  await using api = await startApi()
  await api.makeIndex(STRICT, { strict_uploads: true })

  for (const [i, { row, fields, file = wheel, reason, usual }] of rows.entries()) {
    await t.test(row, async () => {
      const index = `ada/index${i}`
      await api.makeIndex(index)
      const parts = uploadParts(file, strictFields(file, fields))

      const strict = await sendRefused(api, STRICT, parts)
      const other = await sendParts(api, index, parts)

      assert.equal(strict.status, 400)
      assert.match(strict.reason, reason)
      assert.match(other.reason, usual ?? /^OK$/)
    })
  }
  assert.equal(await listFiles(api, STRICT), 404)
})

test('a strict index takes what is right', async (t) => {
  await using api = await startApi()
  const dynamic = { metadata_version: '2.6', dynamic: 'License', license_expression: 'MIT' }
  const right: readonly (readonly [string, Distribution, Fields?])[] = [
    ['a wheel', wheel],
    ['an sdist', sdist],
    ['an sdist without pyversion', sdist, { pyversion: undefined }],
    ['U29 metadata 2.6', wheel, dynamic],
    ['U26 linux_x86_64', makeWheel('foo', '1.0', { tag: 'cp312-cp312-linux_x86_64' })],
    ['U27 a local version', makeWheel('foo', '1.0+local'), { version: '1.0+local' }],
    ['a version spelt otherwise', wheel, { version: '1.0.0' }],
    ['a name spelt otherwise', wheel, { name: 'FOO' }],
    ['U34, U35', wheel, { requires_dist: 'a @ https://example.org/', classifiers: 'Private :: x' }],
    ['requires_python with nothing in it', wheel, { requires_python: '' }],
  ]

  for (const [i, [title, file, fields]] of right.entries()) {
    await t.test(title, async () => {
      const index = `ada/index${i}`
      await api.makeIndex(index, { strict_uploads: true })

      const reply = await sendParts(api, index, uploadParts(file, strictFields(file, fields)))

      assert.equal(reply.reason, 'OK')
    })
  }
})
