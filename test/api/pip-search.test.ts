/** `pip search`: XML-RPC at an index's address (devpi-web 11.6). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api, type Reply } from '../support/api.ts'
import { addFile } from '../support/domain.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { fieldParts, INDEX, plainFields, sendParts } from '../support/upload.ts'

const XML = { 'content-type': 'text/xml' }
const value = (words: readonly string[]) =>
  `<value><array><data>${words.map((word) => `<value><string>${word}</string></value>`).join('')}</data></array></value>`
const search = (fields: Readonly<Record<string, readonly string[]>>, operator?: string) => {
  const members = Object.entries(fields).map(
    ([name, words]) => `<member><name>${name}</name>${value(words)}</member>`,
  )
  const second =
    operator === undefined ? '' : `<param><value><string>${operator}</string></value></param>`
  return `<?xml version='1.0'?><methodCall><methodName>search</methodName><params><param><value><struct>${members.join('')}</struct></value></param>${second}</params></methodCall>`
}

const ask = (api: Api, body: string, path = `/${INDEX}`): Promise<Reply> =>
  api.post(path, { accept: '*/*', headers: XML, body })

/** `NAME VERSION SUMMARY` each. */
async function found(api: Api, ...query: Parameters<typeof search>): Promise<string[]> {
  await api.app.search.caughtUp()
  const { text } = await ask(api, search(...query))
  const field = (struct: string, name: string) =>
    new RegExp(`<name>${name}</name>\n<value><string>([^<]*)<`).exec(struct)?.[1]
  return text
    .split('<struct>')
    .slice(1)
    .map((one) => ['name', 'version', 'summary'].map((name) => field(one, name)).join(' '))
}

async function faultOf(api: Api, body: string, path?: string): Promise<string | undefined> {
  const { status, headers, text } = await ask(api, body, path)
  assert.equal(status, 200)
  assert.match(headers['content-type'] ?? '', /^text\/xml/)
  assert.match(text, /<name>faultCode<\/name>\n<value><int>1<\/int>/)
  return /<name>faultString<\/name>\n<value><string>([^<]*)</.exec(text)?.[1]
}

async function register(api: Api, index: string, name: string, version: string, summary: string) {
  const fields = { ':action': 'submit', name, version, summary }
  const { status } = await sendParts(api, index, fieldParts(plainFields(fields)))
  assert.equal(status, 200)
}

async function startFilled(): Promise<Api> {
  const api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex(INDEX, { bases: 'ada/base' })
  await register(api, INDEX, 'Big_Boat', '1.9', 'old')
  await register(api, INDEX, 'Big_Boat', '1.10', 'Floats & sails')
  await register(api, 'ada/base', 'big-boat', '3.0', 'other')
  await register(api, 'ada/base', 'boat', '0.1', '')
  await register(api, 'ada/base', 'raft', '2', 'no BOAT at all')
  return api
}

test('projects are found by name and summary, the best first, each on its nearest index', async () => {
  await using api = await startFilled()

  assert.deepEqual(await found(api, { name: ['boat'], summary: ['boat'] }, 'or'), [
    'boat 0.1 [ada/base]',
    'big-boat 1.10 [ada/dev] Floats &amp; sails',
    'raft 2 [ada/base] no BOAT at all',
  ])
  assert.deepEqual(await found(api, { name: ['BIG.boat'] }), [
    'big-boat 1.10 [ada/dev] Floats &amp; sails',
  ])
  assert.deepEqual(await found(api, { summary: ['no', 'at all'] }), [
    'raft 2 [ada/base] no BOAT at all',
  ])
  assert.deepEqual(await found(api, { name: ['nothing'] }), [])
})

test('the operators join the fields as devpi has them', async () => {
  await using api = await startFilled()
  const names = async (operator: string) => {
    const lines = await found(api, { name: ['boat'], summary: ['sails'] }, operator)
    return lines.map((line) => line.split(' ')[0])
  }

  assert.deepEqual(await names('and'), ['big-boat'])
  assert.deepEqual(await names('OR'), ['boat', 'big-boat'])
  // Of the two indexes that have it, the nearest whose words answer counts.
  assert.deepEqual(await names('andnot'), ['boat', 'big-boat'])
  assert.deepEqual(await names('not'), ['boat', 'big-boat'])
  assert.deepEqual(await names('andmaybe'), ['boat', 'big-boat'])
})

test('a mirror is searched by the names that are here; upstream is not asked', async () => {
  const file = (filename: string) => ({ filename, bytes: Buffer.from(filename) })
  await using upstream = await startStaticIndex(['boat-1.0.tar.gz', 'oar-2.0.tar.gz'].map(file))
  await using api = await startApi()
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await api.makeIndex(INDEX, { bases: 'ada/up' })

  assert.deepEqual(await found(api, { name: ['oa'] }), [])
  assert.deepEqual(upstream.requests, [])
  await api.get('/ada/up/+simple/', { accept: 'text/html' })
  await api.get('/ada/up/+simple/oar/', { accept: 'text/html' })
  const asked = upstream.requests.length

  assert.deepEqual(await found(api, { name: ['oa'], summary: ['x'] }, 'or'), [
    'oar 2.0 [ada/up]',
    'boat 0 [ada/up]',
  ])
  assert.deepEqual(await found(api, { summary: ['oar'] }), [])
  assert.equal(upstream.requests.length, asked)
})

test('both addresses answer, to everybody, and change nothing', async () => {
  await using api = await startFilled()
  const { serial } = api
  await api.app.search.caughtUp()

  for (const path of [`/${INDEX}`, `/${INDEX}/`]) {
    const { status, text } = await ask(api, search({ name: ['raft'] }), path)
    assert.equal(status, 200)
    assert.match(text, /raft/)
  }
  assert.equal(api.serial, serial)
})

test('what cannot be answered is a fault, with status 200', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const name = { name: ['a'] }
  const other = search(name).replace('>search<', '>browse<')

  assert.equal(await faultOf(api, other), 'Unknown method &#39;browse&#39;.')
  assert.equal(await faultOf(api, search(name, 'xor')), 'Unknown operator.')
  assert.match((await faultOf(api, search({ author: ['a'] }))) ?? '', /^Only .*name.*summary/)
  assert.equal(await faultOf(api, search({})), 'There is nothing to search for.')
  assert.equal(
    await faultOf(api, search(name), '/ada/nope'),
    'The stage ada/nope could not be found.',
  )
  assert.match((await faultOf(api, '<!DOCTYPE a [<!ENTITY b "c">]><a/>')) ?? '', /not allowed/)
  for (const garbage of ['', 'x', '<a>', search(name).slice(0, 200), '\0', '{"a": 1}']) {
    assert.notEqual(await faultOf(api, garbage), undefined)
  }
  assert.equal((await ask(api, 'x'.repeat(300_000))).status, 413)
})

test('where some indexes are for some alone, one that is not there is a fault too', async () => {
  await using api = await startApi({ indexes: [INDEX, 'eve/hidden'] })
  await api.makeUser('bob')
  await api.patch('/eve/hidden', { as: 'eve', json: { acl_read: ['eve'] } })
  const words = search({ name: ['a'] })
  const missing = (index: string) => `The stage ${index} could not be found.`

  assert.equal(await faultOf(api, words, '/ada/nope'), missing('ada/nope'))
  const stranger = await api.post('/eve/hidden', {
    ...{ as: 'bob', accept: '*/*', headers: XML, body: words },
  })
  assert.equal(stranger.status, 200)
  assert.ok(stranger.text.includes(missing('eve/hidden')), stranger.text)
  // pip sends what it knows once it is asked.
  const nobody = await ask(api, words, '/eve/hidden')
  assert.equal(nobody.status, 401)
  assert.equal(nobody.headers['www-authenticate'], 'Basic realm="pypi"')
})

test('a large index is searched to its end, and no more is answered than anybody reads', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  for (let i = 0; i < 3; i++) await addFile(api.ledger, INDEX, `thing${i}-1.0.tar.gz`)
  await api.ledger.write('test', async (tx) => {
    const { keys } = await import('#registry/keys')
    for (let i = 0; i < 1200; i++) tx.set(keys.project(INDEX, `item-${i}`), { name: `item-${i}` })
  })

  assert.equal((await found(api, { name: ['item'] })).length, 500)
  assert.deepEqual(await found(api, { name: ['thing2'] }), ['thing2 0 [ada/dev]'])
})

test('one search runs at a time, and more than some who wait are told so', async () => {
  await using api = await startFilled()
  await api.app.search.caughtUp()

  const replies = await Promise.all(
    Array.from({ length: 30 }, () => ask(api, search({ name: ['raft'] }))),
  )

  const { message } = refuse('too-many-requests')
  const refused = replies.filter(({ text }) => text.includes(message))
  const answered = replies.filter(({ text }) => text.includes('<string>raft</string>'))
  assert.equal(refused.length + answered.length, 30)
  assert.ok(answered.length >= 21, String(answered.length))
})
