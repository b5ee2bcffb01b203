/** Two servers on one data folder: what one has acknowledged, the other shows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { devpiAuth, logIn, makeUser, PASSWORD } from '../support/devpi-api.ts'
import { body, byPath, startFakeUpstream } from '../support/fake-upstream.ts'
import { assertWhole, listFiles, sha256 } from '../support/listed-files.ts'
import { json, pageOf } from '../support/mirror.ts'
import { makeUploader } from '../support/uploader.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

test('an upload to one server is on the pages of the other once it is acknowledged', async () => {
  const stages = ['ada/base', { name: 'ada/dev', bases: ['ada/base'] }]
  await using first = await startYard({ stages })
  await using second = await startYard({ folder: first.folder })
  using uploader = makeUploader()

  for (let number = 0; number < 20; number++) {
    const [here, there] = number % 2 ? [first, second] : [second, first]
    const wheel = makeWheel('anchor', `1.${number}`)
    const upload = await uploader.upload(here.url('ada/base/'), wheel)
    assert.equal(upload.status, 200, upload.text)

    const files = await listFiles(there.url('ada/dev/+simple/anchor/'))
    assert.equal(files.length, number + 1)
    await assertWhole(files.filter(({ filename }) => filename === wheel.filename))
  }

  await verifyStore(first.folder)
})

test('uploads to both servers at once lose nothing', async () => {
  await using first = await startYard({ stages: ['ada/dev'] })
  await using second = await startYard({ folder: first.folder })
  const each = [0, 1, 2, 3].map(async (client) => {
    using uploader = makeUploader()
    const server = client % 2 ? first : second
    for (let number = 0; number < 10; number++) {
      const wheel = makeWheel('anchor', `${client}.${number}`)
      const { status, text } = await uploader.upload(server.url('ada/dev/'), wheel)
      assert.equal(status, 200, text)
    }
  })
  await Promise.all(each)

  for (const server of [first, second]) {
    const files = await listFiles(server.url('ada/dev/+simple/anchor/'))
    assert.equal(files.length, 40)
    await assertWhole(files)
  }
  await verifyStore(first.folder)
})

test('users, logins, indexes and what is removed are the same at both servers at once', async () => {
  await using first = await startYard()
  await using second = await startYard({ folder: first.folder })
  const token = await makeUser(first.url(), 'bob')
  const headers = { ...devpiAuth({ user: 'bob', secret: token }), accept: 'application/json' }

  await logIn(second.url(), 'bob', PASSWORD)
  const made = await fetch(second.url('bob/dev'), { method: 'PUT', headers, body: '{}' })
  assert.equal(made.status, 200, await made.text())
  const page = await fetch(first.url('bob/dev/+simple/'))
  assert.equal(page.status, 200)

  const removed = await fetch(first.url('bob/dev'), { method: 'DELETE', headers })
  assert.ok(removed.ok, await removed.text())
  const gone = await fetch(second.url('bob/dev/+simple/'))
  assert.equal(gone.status, 404)
})

test('a mirrored file that one server has fetched, the other need not fetch', async () => {
  const bytes = Buffer.alloc(100_000, 'x')
  const filename = 'anchor-1.0.tar.gz'
  await using upstream = await startFakeUpstream(
    byPath({
      '/simple/anchor/': json(pageOf([{ filename, hashes: { sha256: sha256(bytes) } }])),
      [`/files/${filename}`]: body(bytes),
    }),
  )
  const mirror = { name: 'ada/mirror', type: 'mirror', mirror_url: upstream.url('simple/') }
  await using first = await startYard({ stages: [mirror] })
  await using second = await startYard({ folder: first.folder })

  const files = await listFiles(second.url('ada/mirror/+simple/anchor/'))
  assert.equal(files.length, 1)
  const before = await serialOf(second)
  await assertWhole(await listFiles(first.url('ada/mirror/+simple/anchor/')))
  // Whoever asked for the file has it a moment before it is stored and made known.
  while ((await serialOf(second)) === before);
  await upstream.close()

  await assertWhole(files)
})

async function serialOf(yard: Yard): Promise<string | null> {
  const response = await fetch(yard.url('+status'))
  await response.arrayBuffer()
  return response.headers.get('x-devpi-serial')
}
