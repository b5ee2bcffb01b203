/** `devpi upload` of files that are there already, one by one or a whole folder. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ada, writeDistributions } from '../../support/client.ts'
import { linesOf, makeDevpi, openDevpi } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'
import { makeSdist, makeWheel, makeZip } from '../../support/wheel.ts'

const bob = { user: 'bob', password: 'pw' }

let site: Site
before(async () => {
  const indexes = ['files', 'folder', 'latest', 'dry', 'other']
  site = await startSite({
    stages: [
      ...indexes.map((name) => ({ name: `ada/${name}`, volatile: true })),
      'ada/prod',
      'bob/dev',
    ],
  })
})
after(() => site[Symbol.asyncDispose]())

// devpi-http 12: 65, 66, 67, 83
test('devpi upload sends files, and says for each where it went', async () => {
  await using devpi = await openDevpi(site.url('ada/files'))

  const sent = await devpi.upload([makeSdist('anchor', '1.0'), makeWheel('anchor', '1.0')])
  const again = await devpi.upload(makeWheel('anchor', '1.0', { content: 'changed = 1\n' }))

  assertDone(sent)
  const to = site.url('ada/files/')
  assert.deepEqual(linesOf(sent.output), [
    `file_upload of anchor-1.0-py3-none-any.whl to ${to}`,
    `file_upload of anchor-1.0.tar.gz to ${to}`,
  ])
  assertDone(again)
  assert.deepEqual(linesOf(await devpi.ok('list')), ['anchor'])
  const files = linesOf(await devpi.ok('list', 'anchor'))
  assert.equal(files.length, 2)
  for (const file of files) {
    assert.match(
      file,
      /^http:\/\/[^/]+\/ada\/files\/\+f\/[0-9a-f]{3}\/[0-9a-f]{13}\/anchor-1\.0[^/]+$/,
    )
  }
})

// devpi-http 12: 67
test('devpi upload --index sends to another index, named in any way', async () => {
  await using devpi = await openDevpi(site.url('ada/files'))
  const upload = (version: string, index: string) =>
    devpi.upload(makeWheel('elsewhere', version), '--index', index)

  assertDone(await upload('1.0', 'other'))
  assertDone(await upload('2.0', 'ada/other'))
  assertDone(await upload('3.0', site.url('ada/other')))
  const listed = await devpi.ok('list', '--index', 'ada/other', '-v', '--all')
  assert.deepEqual(linesOf(listed), ['elsewhere==1.0', 'elsewhere==2.0', 'elsewhere==3.0'])
  assert.doesNotMatch(await devpi.ok('list'), /elsewhere/)
})

test('devpi upload --from-dir sends all that lies in a folder', async () => {
  await using devpi = await openDevpi(site.url('ada/folder'))
  await writeDistributions(devpi.home, [
    makeWheel('anchor', '1.0'),
    makeSdist('anchor', '1.1', { extension: '.zip' }),
    { filename: 'deeper/rope-2.0-py3-none-any.whl', bytes: makeWheel('rope', '2.0').bytes },
    { filename: 'README.txt', bytes: Buffer.from('no distribution') },
  ])

  const folder = devpi.home.join('dist')
  assert.match(await devpi.refused('upload', folder), /is a directory but --from-dir not specified/)
  const sent = linesOf(await devpi.ok('upload', '--from-dir', folder))
  assert.equal(sent.length, 3)
  const listed = linesOf(await devpi.ok('list', '-v', '--all'))
  assert.deepEqual(listed, ['anchor==1.0', 'anchor==1.1', 'rope==2.0'])
})

test('devpi upload --only-latest leaves older versions out', async () => {
  await using devpi = await openDevpi(site.url('ada/latest'))
  const versions = ['1.0', '1.10', '1.9'].map((version) => makeWheel('anchor', version))

  assertDone(await devpi.upload(versions, '--only-latest'))
  assert.deepEqual(linesOf(await devpi.ok('list', '-v', '--all')), ['anchor==1.10'])
})

test('devpi upload --dry-run sends nothing', async () => {
  await using devpi = await openDevpi(site.url('ada/dry'))

  const sent = await devpi.upload(makeWheel('anchor', '1.0'), '--dry-run')
  assertDone(sent)
  assert.match(sent.output, /skipped: file_upload of anchor-1\.0-py3-none-any\.whl to /)
  assert.deepEqual(linesOf(await devpi.ok('list')), [])
})

// devpi-http 12: 65, 76
test('devpi upload says why a file is refused, and stops there', async () => {
  await using devpi = await openDevpi(site.url('ada/prod'))
  assertDone(await devpi.upload(makeWheel('anchor', '1.0')))

  const changed = makeWheel('anchor', '1.0', { content: 'changed = 1\n' })
  const refused = await devpi.upload([changed, makeWheel('rope', '1.0')])
  assert.equal(refused.code, 1)
  const to = site.url('ada/prod/')
  assert.deepEqual(linesOf(refused.output), [
    `409 FAIL file_upload of anchor-1.0-py3-none-any.whl to ${to}`,
    'anchor-1.0-py3-none-any.whl already exists in non-volatile index',
    `POST to ${to} FAILED`,
  ])
  assert.deepEqual(linesOf(await devpi.ok('list')), ['anchor'])
})

// devpi-http 12: 75
test('the same file once more is no failure', async () => {
  await using devpi = await openDevpi(site.url('ada/prod'))
  assertDone(await devpi.upload(makeWheel('rope', '1.0')))

  const again = await devpi.upload(makeWheel('rope', '1.0'))
  assertDone(again)
  assert.match(again.output, /file_upload of rope-1\.0-py3-none-any\.whl to /)
})

// devpi-http 12: 63, 64
test('devpi upload needs the right to, which is for who is named in acl_upload', async () => {
  await using devpi = await openDevpi(site.url('ada/prod'), bob)
  const upload = () => devpi.upload(makeWheel('pirated', '1.0'))

  const other = await upload()
  await devpi.ok('logoff')
  const nobody = await upload()
  await devpi.ok('login', 'ada', `--password=${ada.password}`)
  await devpi.ok('index', 'ada/prod', 'acl_upload+=bob')
  await devpi.ok('use', '--user', 'bob')
  await devpi.ok('login', 'bob', '--password=pw')
  const named = await upload()

  assert.equal(other.code, 1)
  assert.match(other.output, /403 FAIL file_upload of [^\n]+\nno permission to submit/)
  assert.equal(nobody.code, 1)
  assert.match(nobody.output, /401 FAIL file_upload of /)
  assertDone(named)
})

// devpi-http 12: 25
test('a user and password in the address are enough, and a login beats them', async () => {
  await using devpi = await makeDevpi()
  const address = site.url('ada/other').replace('//', '//ada:pw@')

  const use = await devpi.ok('use', address)
  assert.match(use, /basic authentication/i)
  assertDone(await devpi.upload(makeWheel('basic', '1.0')))
  assert.match(await devpi.ok('list'), /basic/)
  await devpi.ok('login', 'bob', '--password=pw')
  const asBob = await devpi.upload(makeWheel('basic', '2.0'))
  assert.equal(asBob.code, 1)
  assert.match(asBob.output, /^403 FAIL file_upload of /m)
})

test('what is no distribution is left out, and said', async () => {
  await using devpi = await openDevpi(site.url('ada/dry'))

  assert.match(await devpi.refused('upload', 'nothing.whl'), /path does not exist: nothing\.whl/)
  const skipped = await devpi.upload({ filename: 'a-1.zip', bytes: makeZip([]) })
  assert.match(skipped.output, /a-1\.zip/)
  assert.deepEqual(linesOf(await devpi.ok('list')), [])
})
