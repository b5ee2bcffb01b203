/** Documentation and test results that come while what they belong to goes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keys } from '#registry/keys'
import { startApi, type Api } from '../support/api.ts'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { sendToxresult } from '../support/toxresults.ts'
import { INDEX, listBlobs, sendFile, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')
const ada = { as: 'ada' }
const rounds = 10

async function start(): Promise<Api> {
  const api = await startApi()
  await api.makeIndex(INDEX, { volatile: true })
  return api
}

/** Whatever the order was: what the ledger has, has all that it needs. */
async function assertWhole(api: Api): Promise<void> {
  const blobs = new Set(await listBlobs(api))
  await api.ledger.read(async (tx) => {
    for (const { name, value } of await tx.list(keys.docsOf(INDEX, 'foo'))) {
      assert.ok(blobs.has(value.digest))
      assert.ok(await tx.get(keys.version(INDEX, 'foo', name)), `no release ${name}`)
    }
    for (const { name, value } of await tx.list(keys.toxresults(INDEX, 'foo'))) {
      assert.ok(blobs.has(value.digest))
      const filename = name.slice(0, name.indexOf('/'))
      assert.ok(await tx.get(keys.file(INDEX, 'foo', filename)), `no file of ${name}`)
    }
    for (const version of await tx.listNames(keys.versions(INDEX, 'foo'))) {
      assert.ok(await tx.get(keys.project(INDEX, 'foo')), `no project of ${version}`)
    }
  })
}

test('a file that is deleted while results of it come keeps none of them', async () => {
  await using api = await start()

  for (let round = 0; round < rounds; round++) {
    await sendFile(api, INDEX, wheel)
    const posts = Array.from({ length: 4 }, (_, n) => sendToxresult(api, urlOf(wheel), `${n}`))
    const [removed, ...replies] = await Promise.all([api.del(urlOf(wheel), ada), ...posts])

    assert.equal(removed.status, 200)
    for (const { status } of replies) assert.ok(status === 200 || status === 404, `${status}`)
    await assertWhole(api)
    const left = await api.ledger.read((tx) => tx.list(keys.toxresults(INDEX, 'foo')))
    assert.deepEqual(left, [])
  }
})

test('a file that is replaced while results of it come keeps only those of its own bytes', async () => {
  await using api = await start()
  const wheels = ['a', 'b'].map((content) => makeWheel('foo', '1.0', { content }))

  for (let round = 0; round < rounds; round++) {
    const [before, after] = round % 2 ? wheels : wheels.toReversed()
    await sendFile(api, INDEX, before!)
    const [sent, ...replies] = await Promise.all([
      sendFile(api, INDEX, after!),
      ...Array.from({ length: 4 }, (_, n) => sendToxresult(api, urlOf(before!), `${n}`)),
    ])

    assert.equal(sent.status, 200)
    for (const { status } of replies) assert.ok(status === 200 || status === 404, `${status}`)
    const left = await api.ledger.read((tx) => tx.list(keys.toxresults(INDEX, 'foo')))
    assert.deepEqual(left, [])
  }
})

test('documentation that comes while its release, project or index is deleted is whole or gone', async () => {
  await using api = await start()
  const docs = makeDocs()

  for (let round = 0; round < rounds; round++) {
    await sendFile(api, INDEX, wheel)
    const goes = [`/${INDEX}/foo/1.0`, `/${INDEX}/foo`][round % 2]!
    const [removed, sent, latest] = await Promise.all([
      api.del(goes, ada),
      sendDocs(api, docs),
      sendDocs(api, docs, { version: undefined }),
    ])

    assert.equal(removed.status, 200)
    assert.equal(sent.status, 200)
    assert.ok([200, 400].includes(latest.status), latest.reason)
    await assertWhole(api)
  }

  const [removed, sent] = await Promise.all([api.del(`/${INDEX}`, ada), sendDocs(api, docs)])
  assert.equal(removed.status < 300, true, removed.text)
  assert.ok([200, 404].includes(sent.status), sent.reason)
  assert.equal((await api.get(`/${INDEX}/foo/1.0/+doc/index.html`)).status, 404)
})

test('who reads documentation while it is replaced gets pages of one zip or the other', async () => {
  await using api = await start()
  const texts = ['a', 'b'].map((text) => text.repeat(200_000))
  const zips = texts.map((text) => makeDocs({ 'index.html': text }))
  await sendDocs(api, zips[0]!)

  for (let round = 1; round <= rounds; round++) {
    const [, ...replies] = await Promise.all([
      sendDocs(api, zips[round % 2]!),
      ...Array.from({ length: 4 }, () =>
        api.get(`/${INDEX}/foo/1.0/+doc/index.html`, { accept: '*/*' }),
      ),
    ])
    for (const { status, text, headers } of replies) {
      const which = zips.findIndex(({ sha256 }) => headers['etag'] === `"${sha256}"`)
      assert.equal(status, 200)
      assert.ok(text === texts[which])
    }
  }
})
