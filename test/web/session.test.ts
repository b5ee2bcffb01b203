/** What the cookie of a logged-in browser counts for, and what not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openNodeFile } from '#base/node-file'
import { refuse } from '#base/refusal'
import { refusalRows } from '#http/refusal-reply'
import { CsrfTokens } from '#http/csrf-tokens'
import { startApi, type Api } from '../support/api.ts'
import { sendDocs, zipOf } from '../support/docs.ts'

const INDEX = 'ada/dev'

/** As the browser has them after `makeUser` or `makeIndex` of that user. */
async function browserOf(api: Api, user: string, password = 'pw') {
  const { result } = await api.post('/+login', { json: { user, password } })
  const session = result.password as string
  const { secret } = await openNodeFile(api.folder.path)
  return { cookie: `wheelyard=${session}`, csrf: new CsrfTokens(secret).tokenOf(session) }
}

const authstatus = async (api: Api, headers: Record<string, string>) =>
  (await api.get('/+api', { headers })).result.authstatus as unknown

test('a browser that is logged in is known when it reads', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const { cookie } = await browserOf(api, 'ada')

  assert.deepEqual(await authstatus(api, { cookie }), ['ok', 'ada', []])
})

test('a broken or outdated cookie is nobody, and no error', async () => {
  let at = Date.now()
  await using api = await startApi({ indexes: [INDEX], clock: { now: () => at } })
  const { cookie: outdated } = await browserOf(api, 'ada')
  at += 11 * 3_600_000

  for (const cookie of [outdated, 'wheelyard=garbage', 'wheelyard=', 'wheelyard', '\xff']) {
    assert.deepEqual(await authstatus(api, { cookie }), ['noauth', '', []], cookie)
    assert.equal((await api.get(`/${INDEX}`, { headers: { cookie } })).status, 200)
  }
})

test('where a header says who asks, right or wrong, the cookie counts for nothing', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const { cookie } = await browserOf(api, 'ada')

  for (const authorization of ['Bearer wrong', 'garbage']) {
    assert.deepEqual(await authstatus(api, { cookie, authorization }), ['noauth', '', []])
  }
  const { result } = await api.get('/+api', { as: 'root', headers: { cookie } })
  assert.deepEqual(result.authstatus, ['ok', 'root', []])
})

test('a script of our pages changes what its user may, with the token of the session', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const { cookie, csrf } = await browserOf(api, 'ada')
  const headers = { cookie, 'x-csrf-token': csrf, origin: 'http://yard', host: 'yard' }

  const made = await api.put('/ada/new', { headers, json: {} })
  const others = await api.put('/root/new', { headers, json: {} })

  assert.equal(made.status, 200)
  assert.equal(others.status, 403)
})

test('a cookie alone, or with the token of another session, changes nothing', async () => {
  await using api = await startApi({ indexes: [INDEX, 'bob/dev'] })
  const { cookie, csrf } = await browserOf(api, 'ada')
  const bob = await browserOf(api, 'bob')
  const again = await browserOf(api, 'ada', 'pw')
  const { serial } = api
  const wrong = ['', 'x', bob.csrf, `${csrf}A`, ...(again.csrf === csrf ? [] : [again.csrf])]

  for (const token of [undefined, ...wrong]) {
    const headers = { cookie, ...(token !== undefined && { 'x-csrf-token': token }) }
    const requests = [
      api.put('/ada/new', { headers, json: {} }),
      api.patch(`/${INDEX}`, { headers, json: { volatile: true } }),
      api.del(`/${INDEX}`, { headers }),
      api.patch('/ada', { headers, json: { password: 'stolen' } }),
      api.post(`/${INDEX}/`, { headers, body: '' }),
      api.push(`/${INDEX}`, { headers, json: {} }),
    ]
    for (const { status } of await Promise.all(requests)) assert.match(String(status), /^4/)
  }
  assert.equal(api.serial, serial)
})

test('what a page of another site sends counts for nothing, with the right token too', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const { cookie, csrf } = await browserOf(api, 'ada')
  const strange = [
    { origin: 'null' }, // uploaded documentation, which is sandboxed
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]

  for (const headers of strange) {
    const signed = { cookie, 'x-csrf-token': csrf, ...headers }
    const { status } = await api.del(`/${INDEX}`, { headers: signed })
    assert.equal(status, 403, JSON.stringify(headers))
  }
  assert.equal((await api.get(`/${INDEX}`)).status, 200)
})

test('uploaded documentation is sandboxed also for those who are logged in', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const { cookie } = await browserOf(api, 'ada')
  await sendDocs(api, zipOf([{ name: 'index.html', content: '<script src="/+api"></script>' }]))

  const headers = { cookie }
  const reply = await api.get(`/${INDEX}/foo/1.0/+doc/index.html`, { headers, accept: 'text/html' })

  const policy = reply.headers['content-security-policy'] ?? ''
  assert.match(policy, /^sandbox allow-scripts/)
  assert.doesNotMatch(policy, /allow-same-origin/)
})

test('a script that must log in again gets no challenge, for which a browser asks by itself', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  const headers = { cookie: 'wheelyard=old', 'x-csrf-token': 'old' }

  const script = await api.post(`/${INDEX}/`, { headers, body: '' })
  const program = await api.post(`/${INDEX}/`, { body: '' })

  assert.deepEqual([script.status, program.status], [401, 401])
  assert.equal(script.headers['www-authenticate'], undefined)
  assert.match(program.headers['www-authenticate'] ?? '', /^Basic/)
})

test('over TLS the cookie is one that no neighbour host can set', async () => {
  const config = { outsideUrl: 'https://yard.example.org' }
  await using api = await startApi({ indexes: [INDEX], config, transport: 'inject' })
  const { cookie } = await browserOf(api, 'ada')

  assert.deepEqual(await authstatus(api, { cookie }), ['noauth', '', []])
  assert.deepEqual(await authstatus(api, { cookie: `__Host-${cookie}` }), ['ok', 'ada', []])
})

test('a session ends with the user', async () => {
  await using api = await startApi({ indexes: [INDEX] })
  await api.makeUser('bob')
  const { cookie } = await browserOf(api, 'bob')

  await api.del('/bob', { as: 'root' })
  await api.makeUser('bob')

  assert.deepEqual(await authstatus(api, { cookie }), ['noauth', '', []])
})

test('a form that is not of this session has a refusal of its own', () => {
  const { code } = refuse('form-foreign')

  assert.deepEqual(refusalRows[code], { status: 403, kind: 'framework' })
})
