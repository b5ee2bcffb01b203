/** Uploads on pages: by a form, and one by one by the page's script. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeDocs } from '../support/docs.ts'
import { fieldsOf, logIn, Visitor } from '../support/visitor.ts'
import { filePart, listBlobs, type Part } from '../support/upload.ts'
import { startWeb, textOf } from '../support/web.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

const path = '/ada/dev/+upload'
const indexes = ['team/prod', 'ada/dev', 'bob/dev']
const sandbox = { origin: 'null' }

const partsOf = (csrf: string | undefined, ...files: readonly Distribution[]): Part[] => [
  { name: 'csrf', value: csrf ?? '' },
  ...files.map((file) => filePart(file)),
]

const csrfOf = async (visitor: Visitor): Promise<string | undefined> =>
  fieldsOf((await visitor.open('/ada/+edit')).text).csrf

test('many files are uploaded at once; what they are is read from them', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')
  const summary = 'Drops anchors'
  const files = [
    makeWheel('Anchor.Kit', '1.0', { summary, requiresPython: '>=3.9' }),
    makeSdist('Anchor.Kit', '1.0', { summary }),
    makeWheel('buoy', '2.0'),
  ]

  const reply = await ada.sendParts(path, partsOf(await csrfOf(ada), ...files))

  assert.deepEqual([reply.status, reply.location], [303, '/ada/dev'])
  const { result } = await api.get('/ada/dev/anchor-kit')
  assert.equal(result['1.0'].summary, summary)
  assert.equal(result['1.0'].requires_python, '>=3.9')
  assert.equal(result['1.0']['+links'].length, 2)
  assert.equal((await api.get('/ada/dev/buoy')).result['2.0']['+links'][0].log[0].who, 'ada')
})

test('of several files each has its own outcome', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')
  const good = makeWheel('anchor', '1.0')
  const bad = { ...makeWheel('bad', '1.0'), bytes: Buffer.from('no zip') }
  const text = { ...good, filename: 'notes<b>.txt' }
  const docs = { ...good, filename: 'docs.zip', bytes: makeDocs().bytes }

  const reply = await ada.sendParts(path, partsOf(await csrfOf(ada), good, bad, text, docs))

  assert.equal(reply.status, 400)
  const shown = textOf(reply.text)
  assert.match(shown, /anchor-1\.0-py3-none-any\.whl anchor 1\.0/)
  assert.match(shown, /bad-1\.0-py3-none-any\.whl bad-1\.0-py3-none-any\.whl can't be read/)
  assert.match(shown, /notes<b>\.txt .*neither a wheel/)
  assert.match(shown, /docs\.zip .*no PKG-INFO.* documentation is named NAME-VERSION\.doc\.zip/)
  assert.equal((await api.get('/ada/dev/anchor')).status, 200)
  assert.equal((await api.get('/ada/dev/bad')).status, 404)
  assert.equal((await listBlobs(api)).length, 1)
})

test('a script sends one by one, and hears as JSON what became of each', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')
  const headers = { 'x-csrf-token': (await csrfOf(ada)) ?? '', origin: 'http://yard.example' }
  const send = (file: Distribution) =>
    ada.sendParts(path, [filePart(file)], { headers, accept: 'application/json' })

  const first = await send(makeWheel('anchor', '1.0'))
  const again = await send(makeWheel('anchor', '1.0'))
  const other = await send(makeWheel('anchor', '1.0', { content: 'other' }))

  const filename = 'anchor-1.0-py3-none-any.whl'
  const address = '/ada/dev/anchor/1.0'
  assert.deepEqual(first.json, {
    files: [{ filename, isTaken: true, message: 'anchor 1.0', address }],
  })
  assert.deepEqual([again.status, again.json.files[0].message], [200, 'It was here already.'])
  assert.deepEqual([other.status, other.json.files[0].isTaken], [409, false])
})

test('documentation is uploaded for a release, by fields or by its name', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')
  const csrf = await csrfOf(ada)
  const { bytes } = makeDocs()
  const docs = (name: string, filename: string): Part => ({ name, value: bytes, filename })

  const named = await ada.sendParts(path, [
    { name: 'csrf', value: csrf ?? '' },
    docs('content', 'buoy-2.0.doc.zip'),
  ])
  const given = await ada.sendParts(path, [
    { name: 'csrf', value: csrf ?? '' },
    { name: 'project', value: 'anchor' },
    { name: 'version', value: '1.0' },
    docs('docs', 'html.zip'),
  ])
  const unknown = await ada.sendParts(path, [
    { name: 'csrf', value: csrf ?? '' },
    docs('docs', 'html.zip'),
  ])

  assert.deepEqual([named.status, given.status, unknown.status], [303, 303, 400])
  for (const release of ['buoy/2.0', 'anchor/1.0']) {
    assert.equal((await api.get(`/ada/dev/${release}/+doc/index.html`)).status, 200, release)
  }
})

test('where uploads are strict, files from pages pass as those from twine do', async () => {
  await using api = await startWeb({ indexes })
  await api.patch('/ada/dev', { as: 'ada', json: { strict_uploads: true } })
  const ada = await logIn(api, 'ada')
  const file = makeWheel('anchor', '1.0')

  const reply = await ada.sendParts(path, partsOf(await csrfOf(ada), file))

  assert.equal(reply.status, 303, textOf(reply.text))
})

test('nothing is taken without the token of the login, from elsewhere, or from who may not', async () => {
  await using api = await startWeb({ indexes })
  const [ada, bob] = [await logIn(api, 'ada'), await logIn(api, 'bob')]
  const [csrf, other] = [await csrfOf(ada), fieldsOf((await bob.open('/bob/+edit')).text).csrf]
  const file = makeWheel('anchor', '1.0')

  const late = [filePart(file), { name: 'csrf', value: csrf ?? '' }]
  const tries = [
    await ada.sendParts(path, [filePart(file)]),
    await ada.sendParts(path, late), // it would count only once the file is here
    await ada.sendParts(path, partsOf(other, file)),
    await ada.sendParts(path, partsOf(csrf, file), { headers: sandbox }),
    await bob.sendParts(path, partsOf(other, file)),
    await new Visitor(api).sendParts(path, partsOf('', file)),
  ]

  assert.deepEqual(
    tries.map(({ status }) => status),
    [403, 403, 403, 403, 403, 401],
  )
  assert.equal((await api.get('/ada/dev/anchor')).status, 404)
  assert.deepEqual(await listBlobs(api), [])
})

test('a form without a file says so', async () => {
  await using api = await startWeb({ indexes })
  const ada = await logIn(api, 'ada')
  const csrf = { name: 'csrf', value: (await csrfOf(ada)) ?? '' }
  const none: Part = { name: 'content', value: '', filename: '' }

  for (const parts of [[csrf], [csrf, none]]) {
    const reply = await ada.sendParts(path, parts)
    assert.equal(reply.status, 400)
    assert.match(textOf(reply.text), /No file was chosen\./)
  }
})

test('a file over the limit is refused, and what is left of it is not waited for', async () => {
  await using api = await startWeb({ indexes, config: { maxUploadSize: 10_000 } })
  const ada = await logIn(api, 'ada')
  const large = { ...makeWheel('big', '1.0'), bytes: Buffer.alloc(20_000) }

  const reply = await ada.sendParts(path, partsOf(await csrfOf(ada), large))

  assert.equal(reply.status, 413)
  assert.match(textOf(reply.text), /File too large: big-1\.0/)
  assert.deepEqual(await listBlobs(api), [])
})
