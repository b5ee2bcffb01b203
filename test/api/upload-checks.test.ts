/** What a form must be to be taken, and what is wrong with one that is not (index-standards 9.9). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../support/api.ts'
import { attestations } from '../support/publisher-forms.ts'
import {
  INDEX,
  blake2Of,
  fieldParts,
  filePart,
  listFiles,
  md5Of,
  plainFields,
  sendParts,
  sendRefused,
  uploadParts,
  type Fields,
  type Part,
} from '../support/upload.ts'
import { makeWheel, makeZip, type Distribution } from '../support/wheel.ts'

interface Row {
  readonly row: string
  readonly fields?: Fields
  readonly file?: Distribution
  readonly parts?: readonly Part[]
  readonly reason?: RegExp
}

const wheel = makeWheel('foo', '1.0')

const [A_DIGIT_SHORT, ALL_ZEROS] = ['a'.repeat(63), '0'.repeat(64)]

/** index-standards 9.9, the rows that hold on every index. */
const taken: readonly Row[] = [
  { row: 'U12 a digest in upper case', fields: { sha256_digest: wheel.sha256.toUpperCase() } },
  {
    row: 'U12 all three digests in upper case',
    fields: {
      md5_digest: md5Of(wheel.bytes).toUpperCase(),
      sha256_digest: wheel.sha256.toUpperCase(),
      blake2_256_digest: blake2Of(wheel.bytes).toUpperCase(),
    },
  },
  {
    row: 'U14 attestations after the content',
    parts: [...uploadParts(wheel, plainFields()), { name: 'attestations', value: attestations }],
  },
  {
    row: 'U14 the content before everything else',
    parts: [filePart(wheel), ...fieldParts(plainFields({ sha256_digest: wheel.sha256 }))],
  },
  { row: 'U15 content without a part type', parts: uploadParts(wheel, plainFields()) },
  {
    row: 'U26 a wheel for linux_x86_64',
    file: makeWheel('foo', '1.0', { tag: 'cp312-cp312-linux_x86_64' }),
  },
  {
    row: 'U27 a local version',
    fields: { version: '1.0+local' },
    file: makeWheel('foo', '1.0+local'),
  },
  { row: 'U34 a direct reference', fields: { requires_dist: 'foo @ https://example.org/foo.whl' } },
  { row: 'U35 a private classifier', fields: { classifiers: 'Private :: Do Not Upload' } },
  {
    row: 'U49 a signature beside the file',
    parts: [
      ...uploadParts(wheel, plainFields()),
      { name: 'gpg_signature', value: 'x', filename: 'foo.asc' },
    ],
  },
  { row: 'U5 the action in the query', fields: { ':action': undefined } },
  { row: 'no action at all', fields: { ':action': undefined } },
  { row: 'no filetype, pyversion or digest', fields: {} },
  { row: 'an unknown field', fields: { surprise: 'x' } },
  { row: 'names of members that every object has', fields: { constructor: 'x', __proto__: 'y' } },
]

test('what the rows of the standard let pass on every index is taken', async (t) => {
  await using api = await startApi({ indexes: [INDEX] })

  for (const [i, { row, fields = {}, file = wheel, parts }] of taken.entries()) {
    await t.test(row, async () => {
      const index = `ada/index${i}`
      await api.makeIndex(index)

      const reply = await sendParts(api, index, parts ?? uploadParts(file, plainFields(fields)))

      assert.equal(reply.reason, 'OK')
      const [listed] = await listFiles(api, index)
      assert.deepEqual([listed.filename, listed.hashes.sha256], [file.filename, file.sha256])
    })
  }
})

const bomb = {
  ...wheel,
  bytes: makeZip([
    { name: 'zeros', content: Buffer.alloc(70 * 1024 * 1024) },
    { name: 'foo-1.0.dist-info/METADATA', content: wheel.metadataBytes },
  ]),
}

const twice = {
  ...wheel,
  bytes: makeZip([
    { name: 'foo-1.0.dist-info/METADATA', content: wheel.metadataBytes },
    { name: 'foo-1.0.dist-info/METADATA', content: 'Name: bar\n' },
  ]),
}

const outside = { ...wheel, bytes: makeZip([{ name: '../foo.py', content: '' }]) }

const named = (filename: string): Distribution => ({ ...wheel, filename })

const refused: readonly (Row & { readonly reason: RegExp })[] = [
  {
    row: 'U10 a digest of 63 characters',
    fields: { sha256_digest: A_DIGIT_SHORT },
    reason: /^sha256_digest: must be 64 hexadecimal digits\.$/,
  },
  {
    row: 'U10 a digest of other characters',
    fields: { md5_digest: 'x'.repeat(32) },
    reason: /^md5_digest: /,
  },
  {
    row: 'U11 one of two digests wrong',
    fields: { sha256_digest: wheel.sha256, blake2_256_digest: ALL_ZEROS },
    reason: /^blake2_256_digest: The digest supplied does not match/,
  },
  {
    row: 'U11 a wrong MD5',
    fields: { md5_digest: '0'.repeat(32) },
    reason: /^md5_digest: The digest supplied does not match/,
  },
  {
    row: 'U11 a wrong SHA-256',
    fields: { sha256_digest: ALL_ZEROS },
    reason: /^sha256_digest: The digest supplied does not match/,
  },
  {
    row: 'U11 a second value of a digest wrong',
    fields: { sha256_digest: [wheel.sha256, ALL_ZEROS] },
    reason: /^sha256_digest: /,
  },
  {
    row: 'U13 no content',
    parts: fieldParts(plainFields()),
    reason: /^content file field not found$/,
  },
  {
    row: 'U13 content that is no file',
    parts: fieldParts(plainFields({ content: 'bytes' })),
    reason: /^content file field not found$/,
  },
  {
    row: 'content twice',
    parts: [...uploadParts(wheel, plainFields()), filePart(wheel)],
    reason: /^content: sent twice$/,
  },
  ...['a/foo-1.0.zip', 'a\\\\foo-1.0.zip', '../foo-1.0.zip', '.foo-1.0.zip', 'foo-1.0..zip'].map(
    (filename) => ({
      row: `U23 a file named ${filename}`,
      file: named(filename),
      reason: /^content: .* is not a valid archive name$/s,
    }),
  ),
  ...['\x01', '\x7f', '\u2028', '\u0085'].map((character) => ({
    row: `U23 a file name with ${JSON.stringify(character)}`,
    file: named(`foo${character}-1.0.zip`),
    reason: /^content: .* is not a valid archive name$/s,
  })),
  {
    row: 'U23 a file name of 241 characters',
    file: named(`foo-1.0-${'x'.repeat(229)}.zip`),
    reason: /^content: .* is not a valid archive name$/s,
  },
  { row: 'a file name that is empty', file: named(''), reason: /^content/ },
  {
    row: 'a file that is no archive by its name',
    file: named('foo-1.0.html'),
    reason: /^'foo-1.0.html' is not a valid archive name$/,
  },
  {
    row: 'a file of another version',
    file: named('foo-2.0-py3-none-any.whl'),
    reason: /^filename 'foo-2.0-py3-none-any.whl' does not contain version '1.0'$/,
  },
  {
    row: 'a file of another project',
    file: named('bar-1.0-py3-none-any.whl'),
    fields: { name: 'Foo' },
    reason: /^filename 'bar-1.0-py3-none-any.whl' does not match project name 'Foo'$/,
  },
  {
    row: 'a file of a project with a longer name',
    file: named('foobar-1.0-py3-none-any.whl'),
    reason: /^filename '.*' does not match project name 'foo'$/,
  },
  { row: 'a name with a strange end', fields: { name: 'foo!' }, reason: /must contain only ASCII/ },
  { row: 'U36 a name that ends badly', fields: { name: 'foo_' }, reason: /Names must end with/ },
  {
    row: 'U41 a summary that is a file',
    parts: [{ name: 'summary', value: 'x', filename: 'x' }, ...uploadParts(wheel, plainFields())],
    reason: /^summary: Should not be a tuple\.$/,
  },
  {
    row: 'U41 a name that is a file',
    parts: [{ name: 'name', value: 'foo', filename: 'x' }, filePart(wheel)],
    reason: /^name: Should not be a tuple\.$/,
  },
  { row: 'U44 a zip bomb', file: bomb, reason: /^Invalid distribution file\. .*unpack/ },
  { row: 'members of one name', file: twice, reason: /^Invalid distribution file\. .*two members/ },
  { row: 'a member outside', file: outside, reason: /^Invalid distribution file\. .*unsafe name/ },
  ...[
    { name: undefined, reason: /^invalid metadata: Missing required field "name"$/ },
    { name: '', reason: /Missing required field "name"/ },
    { name: 'UNKNOWN', reason: /Missing required field "name"/ },
    { name: '-foo', reason: /Names must start with an ASCII letter or digit/ },
    { name: 'fo o', reason: /Names must contain only ASCII letters, digits/ },
    { name: 'foö', reason: /Names must/ },
    { name: `f${'o'.repeat(200)}`, reason: /^invalid metadata: name: longer than 200 characters$/ },
  ].map(({ name, reason }) => ({ row: `the name ${name}`, fields: { name }, reason })),
  ...[
    { version: undefined, reason: /^invalid metadata: Missing required field "version"$/ },
    { version: '', reason: /Missing required field "version"/ },
    { version: '1.0/2', reason: /Invalid package name or version \(URL safety\)/ },
    { version: '1.0#2', reason: /URL safety/ },
    { version: '1 0', reason: /URL safety/ },
    { version: '.', reason: /URL safety/ },
    { version: '..', reason: /URL safety/ },
    { version: '1'.repeat(257), reason: /^invalid metadata: version: longer than 256 characters$/ },
  ].map(({ version, reason }) => ({ row: `the version ${version}`, fields: { version }, reason })),
  ...['summary', 'author', 'keywords', 'home_page', 'classifiers', 'requires_dist', 'platform'].map(
    (field) => ({
      row: `${field} of more than 32,768 characters`,
      fields: { [field]: 'x'.repeat(32_769) },
      reason: new RegExp(`${field}: longer than 32768 characters$`),
    }),
  ),
  {
    row: 'requires_python of more than 1,000 characters',
    fields: { requires_python: `>=${'3'.repeat(1000)}` },
    reason: /requires_python: longer than 1000 characters$/,
  },
  {
    row: 'Requires-Python in the wheel of more than 1,000 characters',
    file: makeWheel('foo', '1.0', { requiresPython: `>=${'3'.repeat(1000)}` }),
    reason: /requires_python: longer than 1000 characters$/,
  },
  {
    row: 'a description of more than 8 MB',
    fields: { description: 'x'.repeat(8 * 1024 * 1024 + 1) },
    reason: /^The field description is longer than 8388608 bytes\.$/,
  },
  {
    row: 'an unknown action',
    fields: { ':action': 'conquer' },
    reason: /^action 'conquer' not supported$/,
  },
  ...['{}', '[1]', 'x', '[[]]', 'null'].map((value) => ({
    row: `attestations of ${value}`,
    fields: { attestations: value },
    reason: /^attestations: Invalid attestations supplied during upload: /,
  })),
]

// devpi-http 12: 65, 69, 78, 80
test('what is wrong with a form is told in the reason phrase and changes nothing', async (t) => {
  await using api = await startApi({ indexes: [INDEX] })

  for (const { row, fields = {}, file = wheel, parts, reason } of refused) {
    await t.test(row, async () => {
      const form = parts ?? uploadParts(file, plainFields(fields))

      const reply = await sendRefused(api, INDEX, form, { accept: 'application/json' })

      assert.equal(reply.status, 400)
      assert.match(reply.reason, reason)
      assert.match(reply.json.message, reason)
      assert.equal(reply.json.code, `400 ${reply.json.title}`)
    })
  }
  assert.equal(await listFiles(api), 404)
})
