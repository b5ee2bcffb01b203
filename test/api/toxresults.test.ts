/** Results of tests, posted to the file that was tested (devpi-http 4.15). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '#base/digest'
import { refuse } from '#base/refusal'
import { startApi, type Api, type Json } from '../support/api.ts'
import { makeDocs, sendDocs } from '../support/docs.ts'
import { sendToxresult, toxResult } from '../support/toxresults.ts'
import { INDEX, sendFile, stateOf, urlOf } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')
const url = urlOf(wheel)

async function start(options: Readonly<Record<string, unknown>> = {}): Promise<Api> {
  const api = await startApi()
  await api.makeIndex(INDEX, { volatile: true, ...options })
  await sendFile(api, INDEX, wheel)
  return api
}

const pathOf = (reply: { readonly result: Json }): string => `/${reply.result.split('#')[0]}`

// devpi-http 12: 122, 123, 171
test('a result is kept byte for byte beside its file, and is a link of the release', async () => {
  await using api = await start()
  const body = toxResult()

  const reply = await sendToxresult(api, url, body, { as: 'ada' })

  assert.deepEqual([reply.status, reply.json.type], [200, 'toxresultpath'])
  const shown = reply.result.replace(/\d{14}/, 'TIME')
  assert.equal(shown, `${url.slice(1)}.toxresult-TIME-0#sha256=${sha256(body)}`)
  const file = await api.get(pathOf(reply), { accept: '*/*' })
  assert.equal(file.text, body)
  assert.equal(file.headers['content-type'], 'application/octet-stream')

  const { result } = await api.get(`/${INDEX}/foo/1.0`)
  const [tested, link] = result['+links']
  assert.deepEqual([tested.rel, link.rel], ['releasefile', 'toxresult'])
  assert.equal(link.for_href, tested.href)
  assert.ok(link.href.endsWith(pathOf(reply)), link.href)
  assert.equal(link.hash_spec, `sha256=${sha256(body)}`)
  assert.deepEqual(
    { ...link.log[0], when: [] },
    { what: 'upload', who: 'ada', when: [], dst: INDEX },
  )
})

// devpi-http 12: 122
test('anybody may send results, and each gets a number', async () => {
  await using api = await start()

  const replies = [await sendToxresult(api, url), await sendToxresult(api, `${url}/?x`)]

  assert.deepEqual(
    replies.map((reply) => pathOf(reply).at(-1)),
    ['0', '1'],
  )
  const { result } = await api.get(`/${INDEX}/foo/1.0`)
  assert.equal(result['+links'][2].log[0].who, null)
})

test('results that come at the same time get different names, and the same bytes may come twice', async () => {
  await using api = await start()
  const bodies = Array.from({ length: 8 }, (_, n) => toxResult(`env${n % 4}`))

  const replies = await Promise.all(bodies.map((body) => sendToxresult(api, url, body)))

  assert.equal(new Set(replies.map(pathOf)).size, 8)
  for (const [n, reply] of replies.entries()) {
    assert.equal((await api.get(pathOf(reply), { accept: '*/*' })).text, bodies[n])
  }
})

test('a name of a deleted result is not given to another that came in the same second', async () => {
  await using api = await start()
  const replies = [await sendToxresult(api, url, '1'), await sendToxresult(api, url, '2')]
  await api.del(pathOf(replies[0]!), { as: 'ada' })

  const third = await sendToxresult(api, url, '3')

  assert.notEqual(pathOf(third), pathOf(replies[1]!))
  assert.equal((await api.get(pathOf(replies[1]!), { accept: '*/*' })).text, '2')
})

const values = ['{}', '[]', '"x"', '0', 'null', ' [1,\n 2] ', '{"a": "\\u00e9é"}']
for (const value of values) {
  test(`${JSON.stringify(value)} is a result: whatever is JSON`, async () => {
    await using api = await start()

    const reply = await sendToxresult(api, url, value)

    assert.equal(reply.status, 200)
    assert.equal((await api.get(pathOf(reply), { accept: '*/*' })).text, value)
  })
}

const garbage: [what: string, body: string | Uint8Array][] = [
  ['nothing', ''],
  ['half an object', '{"a": '],
  ['a form', 'a=b&c=d'],
  ['Latin-1', Buffer.from('"\xe9"', 'latin1')],
  ['UTF-16', Buffer.from('"x"', 'utf16le')],
  ['a deep nest', '['.repeat(100_000)],
]
test('what is no JSON is refused and changes nothing', async (t) => {
  await using api = await start()
  const before = await stateOf(api)

  for (const [what, body] of garbage) {
    await t.test(what, async () => {
      const reply = await sendToxresult(api, url, body)
      assert.deepEqual([reply.status, reply.message], [400, refuse('body-not-json').message])
    })
  }
  assert.deepEqual(await stateOf(api), before)
})

test('a result that is too large is refused and changes nothing', async () => {
  await using api = await start()
  await api.restart({ maxUploadSize: 1000 })
  const before = await stateOf(api)

  const reply = await sendToxresult(api, url, JSON.stringify('x'.repeat(1000)))

  assert.equal(reply.status, 413)
  assert.deepEqual(await stateOf(api), before)
})

// devpi-http 12: 122
test('only who is listed may send results, and nobody to an index that is missing', async () => {
  await using api = await start({ acl_toxresult_upload: ['bob'] })
  await api.makeUser('bob')
  const before = await stateOf(api)
  const { message } = refuse('toxresult-forbidden')
  const nowhere = url.replace(INDEX, 'ada/nope')

  for (const [to, who] of [
    [url, {}],
    [url, { as: 'ada' }],
    [url, { as: 'root' }],
    [`/${INDEX}/+f/abc/0123456789abc/foo-9.zip`, {}],
    [`/${INDEX}/+f/abc`, {}],
    [nowhere, { as: 'bob' }],
  ] as const) {
    const reply = await sendToxresult(api, to, '{', who)
    assert.deepEqual([reply.status, reply.message], [403, message], to)
  }
  assert.deepEqual(await stateOf(api), before)
  assert.equal((await sendToxresult(api, url, '{}', { as: 'bob' })).status, 200)
})

// devpi-http 12: 170
test('a result needs a file that was uploaded to this very index', async () => {
  await using api = await start()
  await api.makeIndex('ada/top', { bases: [INDEX] })
  const docs = makeDocs()
  await sendDocs(api, docs)
  const result = pathOf(await sendToxresult(api, url))
  const zip = urlOf({ sha256: docs.sha256, filename: 'foo-1.0.doc.zip' })
  const before = await stateOf(api)

  const unknown = `/${INDEX}/+f/abc/0123456789abc/foo-1.0.zip`
  const others = [
    zip,
    result,
    `${url}.metadata`,
    urlOf(wheel, 'ada/top'),
    unknown,
    `/${INDEX}/+f/abc`,
  ]
  for (const to of others) {
    const reply = await sendToxresult(api, to, '{')
    const { message } = refuse('toxresult-target-missing', { path: to.slice(1) })
    assert.deepEqual([reply.status, reply.message], [404, message])
  }
  assert.deepEqual(await stateOf(api), before)
})

// devpi-http 12: 121
test('results go with their file, be it deleted or replaced', async () => {
  await using api = await start()
  const other = makeWheel('foo', '1.0', { content: 'other' })
  const first = pathOf(await sendToxresult(api, url))

  await sendFile(api, INDEX, other)
  const replaced = await api.get(`/${INDEX}/foo/1.0`)
  const second = pathOf(await sendToxresult(api, urlOf(other)))
  await api.del(urlOf(other), { as: 'ada' })

  assert.equal(replaced.result['+links'].length, 1)
  for (const path of [first, second]) assert.equal((await api.get(path)).status, 410)
  assert.equal((await sendToxresult(api, url)).status, 404)
})
