/** Publishing a file, as the programs that people publish with do it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi } from '../support/api.ts'
import { attestations, published, publisherForms } from '../support/publisher-forms.ts'
import {
  INDEX,
  fieldParts,
  findEntry,
  findRelease,
  listBlobs,
  listFiles,
  plainFields,
  sendFile,
  sendForm,
  sendParts,
  sendRefused,
  type Fields,
} from '../support/upload.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')

for (const [program, build] of Object.entries(publisherForms)) {
  test(`what ${program} sends is taken, with all that it says`, async () => {
    await using api = await startApi({ indexes: [INDEX] })
    await api.makeIndex('ada/strict', { strict_uploads: true })
    const digest = { name: 'sha256_digest', value: published.sha256 }
    const parts = build(published)

    const reply = await sendParts(api, INDEX, parts)
    // The devpi client sends no digest.
    const strict = program === 'devpi' ? [digest, ...parts] : parts
    const strictReply = await sendParts(api, 'ada/strict', strict)

    assert.equal(`${reply.status} ${reply.text}`, '200 ')
    assert.equal(strictReply.reason, 'OK')
    const [file] = await listFiles(api, INDEX, 'anchor')
    assert.equal(file.filename, published.filename)
    assert.deepEqual(file.hashes, { sha256: published.sha256 })
    assert.equal(file.size, published.bytes.length)
    assert.equal(file['requires-python'], '>=3.8')
    const release = await findRelease(api, 'anchor')
    assert.deepEqual(release?.classifiers, ['A :: B', 'C :: D'])
    assert.deepEqual(release?.provides_extras, ['e'])
    assert.deepEqual(release?.license_file, ['LICENSE'])
    assert.deepEqual(release?.import_name, ['anchor'])
    assert.deepEqual(release?.requires_dist, ['rope'])
    assert.equal(release?.description, 'Hi,\r\n\r\nthere: ü ☃\r\n')
    assert.equal(release?.author, '')
  })
}

// devpi-http 12: 71
test('U38, U39: UNKNOWN and the empty text are no values', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  await sendFile(api, INDEX, wheel, {
    summary: 'UNKNOWN',
    requires_python: '',
    platform: ['UNKNOWN', '', 'linux'],
  })

  const [file] = await listFiles(api)
  const release = await findRelease(api)
  assert.equal('requires-python' in file, false)
  assert.equal(release?.summary, '')
  assert.deepEqual(release?.platform, ['linux'])
  assert.equal('import_name' in (release ?? {}), false)
})

test('U50: singular and plural spellings of a list are one list', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  await sendFile(api, INDEX, wheel, {
    provides_extra: 'a',
    provides_extras: ['b', 'c'],
    import_name: 'foo',
    import_names: 'bar',
    import_namespaces: 'ns',
    license_files: 'LICENSE',
    classifier: 'A :: B',
  })

  const release = await findRelease(api)
  assert.deepEqual(release?.provides_extras, ['a', 'b', 'c'])
  assert.deepEqual(release?.import_name, ['foo', 'bar'])
  assert.deepEqual(release?.import_namespace, ['ns'])
  assert.deepEqual(release?.license_file, ['LICENSE'])
  assert.deepEqual(release?.classifiers, ['A :: B'])
})

// devpi-http 12: 72
test('a second file of a release replaces only the fields that come with it', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  await sendFile(api, INDEX, wheel, { summary: 'first', author: 'ada' })
  await sendFile(api, INDEX, makeSdist('foo', '1.0'), { summary: 'second', name: 'Foo' })

  const release = await findRelease(api)
  assert.deepEqual([release?.summary, release?.author], ['second', 'ada'])
  assert.equal(release?.name, 'Foo')
})

test('of a text field that comes twice the last counts', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  const reply = await sendFile(api, INDEX, wheel, {
    name: ['bar', 'foo'],
    summary: ['a', 'b'],
    version: ['2', '1.0'],
  })

  assert.equal(reply.status, 200)
  assert.equal((await findRelease(api))?.summary, 'b')
})

test('NUL is taken out of what is stored', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  await sendFile(api, INDEX, wheel, { summary: 'a\0b', name: 'f\0oo' })

  assert.equal((await findRelease(api))?.summary, 'ab')
})

test('attestations are kept as they came, and none of an upload that was there before', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const sent = ` ${attestations}\n`

  await sendFile(api, INDEX, wheel, { attestations: sent })
  const { attestations: digest } = (await findEntry(api, wheel.filename))!
  const blobs = await listBlobs(api)
  await sendFile(api, INDEX, wheel, { attestations: JSON.stringify([{ other: true }]) })

  const stored = await api.app.store.blobs.open(digest!)
  assert.equal(Buffer.concat(await stored!.stream.toArray()).toString(), sent)
  assert.deepEqual(await listBlobs(api), blobs)
})

// devpi-http 12: 79
test('a release is registered without a file, by either kind of form', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const fields = plainFields({ ':action': 'submit', summary: 'first', author: 'ada' })
  await sendParts(api, INDEX, fieldParts(fields))

  const reply = await sendForm(api, INDEX, {
    type: 'application/x-www-form-urlencoded',
    body: Buffer.from(':action=submit&name=Foo&version=1.0&summary=second&platform=a&platform=b'),
  })

  const release = await findRelease(api)
  assert.equal(reply.status, 200)
  assert.deepEqual(await listFiles(api), [])
  // Unlike an upload, it says all there is to say.
  assert.deepEqual([release?.summary, release?.author], ['second', ''])
  assert.deepEqual(release?.platform, ['a', 'b'])
})

// devpi-http 12: 80
test('a registration needs a name and a version', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const fields = (changes: Fields) => fieldParts(plainFields({ ':action': 'submit', ...changes }))

  const reasons = [
    await sendRefused(api, INDEX, fields({ name: undefined })),
    await sendRefused(api, INDEX, fields({ version: undefined })),
  ].map(({ reason }) => reason)

  assert.deepEqual(reasons, [
    'invalid metadata: Missing required field "name"',
    'invalid metadata: Missing required field "version"',
  ])
})

test('a file knows its release by the version as it was sent', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const file = makeWheel('foo', '1.00')

  await sendFile(api, INDEX, file, { version: '1.00' })

  const { version, release } = (await findEntry(api, file.filename))!
  assert.deepEqual([version, release], ['1.0', '1.00'])
  assert.ok(await findRelease(api, 'foo', '1.00'))
})

test('what the wheel says counts, not what the form says of it', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  await sendFile(api, INDEX, makeWheel('foo', '1.0', { requiresPython: '>=3.9' }), {
    requires_python: '>=2.7',
  })

  assert.equal((await listFiles(api))[0]['requires-python'], '>=3.9')
})

const unreadable: readonly (readonly [string, Distribution])[] = [
  ['random bytes', { ...wheel, bytes: Buffer.from('nonsense') }],
  ['half a zip', { ...wheel, bytes: wheel.bytes.subarray(0, 300) }],
  ['no METADATA', makeWheel('foo', '1.0', { omit: ['METADATA'] })],
  [
    'METADATA of another project',
    makeWheel('foo', '1.0', { metadata: 'Name: bar\nVersion: 1.0\n' }),
  ],
  ['an sdist without PKG-INFO', makeSdist('foo', '1.0', { omit: ['PKG-INFO'] })],
  ['an empty file', { ...wheel, bytes: Buffer.alloc(0) }],
]

test('a file that cannot be read is kept, without core metadata', async (t) => {
  await using api = await startApi({ indexes: [INDEX] })

  for (const [i, [title, file]] of unreadable.entries()) {
    await t.test(title, async () => {
      const index = `ada/index${i}`
      await api.makeIndex(index)

      const reply = await sendFile(api, index, file, { requires_python: '>=3.7' })

      const [listed] = await listFiles(api, index)
      assert.equal(reply.status, 200)
      assert.equal(listed['requires-python'], '>=3.7')
      assert.equal('core-metadata' in listed, false)
    })
  }
})

test('a urlencoded form of very many fields is refused at once', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  const reply = await sendForm(api, INDEX, {
    type: 'application/x-www-form-urlencoded',
    body: Buffer.from(':action=submit&name=Foo&version=1.0&' + 'x&'.repeat(1_000_000)),
  })

  assert.equal(reply.status, 400)
  assert.equal(reply.reason, 'The form has more than 10000 fields.')
})

test('U53: only a registration may come as a urlencoded form', async () => {
  await using api = await startApi({ indexes: [INDEX] })

  const reply = await sendForm(api, INDEX, {
    type: 'application/x-www-form-urlencoded',
    body: Buffer.from(':action=file_upload&name=Foo&version=1.0'),
  })

  assert.equal(reply.status, 415)
  assert.equal(await findRelease(api), undefined)
})
