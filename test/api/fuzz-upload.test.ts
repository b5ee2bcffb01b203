/** Forms that no program builds: each gets an answer, and what is refused leaves nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { startApi, type Api, type Reply } from '../support/api.ts'
import { fuzzRuns } from '../support/fuzz.ts'
import {
  INDEX,
  makeForm,
  plainFields,
  sendForm,
  sendParts,
  stateOf,
  strictFields,
  uploadParts,
  type Form,
  type Part,
} from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const STRICT = 'ada/strict'
const RUNS = fuzzRuns(150)

const wheel = makeWheel('foo', '1.0')
const sdist = makeSdist('foo', '1.0')

async function startBoth(): Promise<Api> {
  const api = await startApi({ indexes: [INDEX] })
  await api.makeIndex(STRICT, { strict_uploads: true })
  return api
}

/** Taken, or refused with a reason and without a trace. */
async function assertSettled(api: Api, send: () => Promise<Reply>): Promise<void> {
  const before = await stateOf(api)
  const { status, reason, text } = await send()
  if (status === 200) return
  assert.ok(status >= 400 && status < 500, `${status} ${text}`)
  assert.ok(reason.length > 0)
  assert.deepEqual(await stateOf(api), before)
}

const fieldName = fc.constantFrom(
  ':action',
  'protocol_version',
  'name',
  'version',
  'filetype',
  'pyversion',
  'md5_digest',
  'sha256_digest',
  'blake2_256_digest',
  'metadata_version',
  'summary',
  'description',
  'description_content_type',
  'classifiers',
  'requires_dist',
  'requires_python',
  'license',
  'license_expression',
  'license_file',
  'provides_extra',
  'attestations',
  'comment',
  'content',
  'gpg_signature',
  'constructor',
  '__proto__',
)

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    'UNKNOWN',
    'foo',
    '1.0',
    'file_upload',
    'submit',
    'doc_upload',
    '\0',
    '../../etc',
    'a/b',
    '<b>',
    '%00',
    '☃',
    '\u2028',
    '٣',
    '1e999',
    '[]',
    '[{}]',
    '9'.repeat(300),
    'x'.repeat(40_000),
    '>=3.*',
    wheel.sha256,
  ),
)

const filename = fc.oneof(
  fc.constantFrom(wheel.filename, sdist.filename, '', '.', '..', 'foo-1.0.zip', 'foo-1.0.egg'),
  fc.constantFrom(
    'foo-1.0.tar.gz/..',
    'C:\\\\foo-1.0.zip',
    'foo-1.0\r.zip',
    `${'f'.repeat(2000)}.zip`,
  ),
  fc
    .string({ unit: 'grapheme', maxLength: 30 })
    .map((text) => `foo-1.0-${text.replaceAll('"', '')}.zip`),
)

const content = fc.oneof(
  fc.constantFrom<Uint8Array>(wheel.bytes, sdist.bytes, Buffer.alloc(0)),
  fc.uint8Array({ maxLength: 300 }),
  mutated(wheel.bytes),
  mutated(sdist.bytes),
)

const hostilePart: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ name: fieldName, value: hostileText }),
  fc.record({ name: fieldName, value: content, filename }),
  fc.record({
    name: fieldName,
    value: content,
    type: fc.constantFrom('text/plain; charset=utf-16le', 'text/plain; charset=nonsense', 'x'),
  }),
  fc.record({
    name: hostileText.map((text) => text.replaceAll(/["\r\n]/g, '')),
    value: hostileText,
  }),
)

/** Bytes with some of them changed, left out or doubled. */
function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const cut = fc.record({
    at: fc.nat(bytes.length),
    length: fc.nat(40),
    put: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(bytes.subarray(0, 200))),
  })
  return fc
    .array(cut, { minLength: 1, maxLength: 3 })
    .map((cuts) =>
      cuts.reduce<Uint8Array>(
        (now, { at, length, put }) =>
          Buffer.concat([now.subarray(0, at), put, now.subarray(at + length)]),
        bytes,
      ),
    )
}

test('a form of any parts is taken or refused', async () => {
  await using api = await startBoth()

  await fc.assert(
    fc.asyncProperty(
      fc.array(hostilePart, { maxLength: 12 }),
      fc.constantFrom(INDEX, STRICT),
      (parts, index) => assertSettled(api, () => sendParts(api, index, parts)),
    ),
    RUNS,
  )
})

test('a good form with a few bad parts in it is taken or refused', async () => {
  await using api = await startBoth()
  const file = fc.constantFrom(wheel, sdist)

  await fc.assert(
    fc.asyncProperty(
      file,
      fc.array(hostilePart, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.boolean(),
      async (one, bad, seed, isStrict) => {
        const fields = isStrict ? strictFields(one) : plainFields()
        const parts: Part[] = uploadParts(one, fields)
        for (const part of bad) parts.splice(seed % parts.length, seed % 2, part)
        await assertSettled(api, () => sendParts(api, isStrict ? STRICT : INDEX, parts))
      },
    ),
    RUNS,
  )
})

test('a file of any bytes under a good name is taken or refused', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })

  await fc.assert(
    fc.asyncProperty(content, fc.constantFrom(wheel, sdist), (bytes, one) =>
      assertSettled(api, () =>
        sendParts(api, INDEX, uploadParts({ ...one, bytes: Buffer.from(bytes) }, plainFields())),
      ),
    ),
    RUNS,
  )
})

test('a body that was damaged on its way is taken or refused', async () => {
  await using api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  const good = makeForm(uploadParts(wheel, plainFields({ summary: 'x' })))
  const types = fc.constantFrom(
    good.type,
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary="',
    `multipart/form-data; boundary=${'b'.repeat(300)}`,
    'multipart/form-data; boundary=a; boundary=b',
    'application/x-www-form-urlencoded',
  )

  await fc.assert(
    fc.asyncProperty(mutated(good.body), types, async (bytes, type) => {
      const form: Form = { type, body: Buffer.from(bytes) }
      await assertSettled(api, () => sendForm(api, INDEX, form))
    }),
    RUNS,
  )
})
