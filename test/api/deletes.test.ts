/** Taking files, releases and projects from an index (devpi-http 4.12 to 4.14, 5.6). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api } from '../support/api.ts'
import { addProject } from '../support/domain.ts'
import { INDEX, sendFile, stateOf, urlOf } from '../support/upload.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'

const wheel = makeWheel('foo', '1.0')
const sdist = makeSdist('foo', '1.0')
const later = makeWheel('foo', '2.0')
const ada = { as: 'ada' }

async function start(options: Readonly<Record<string, unknown>> = {}): Promise<Api> {
  const api = await startApi()
  await api.makeIndex(INDEX, { volatile: true, ...options })
  for (const file of [wheel, sdist]) await sendFile(api, INDEX, file)
  await sendFile(api, INDEX, later, { version: '2.0' })
  return api
}

// devpi-http 12: 114, 120
test('a deleted file is gone from its page and its address, the last one takes its release along', async () => {
  await using api = await start()

  const first = await api.del(urlOf(wheel), ada)
  const left = await api.get(`/${INDEX}/foo/1.0`)
  const second = await api.del(urlOf(sdist), ada)

  assert.deepEqual(
    [first.status, first.message],
    [200, `package '${urlOf(wheel).slice(1)}' deleted`],
  )
  assert.equal(left.result['+links'].length, 1)
  assert.equal(second.status, 200)
  assert.equal((await api.get(`/${INDEX}/foo/1.0`)).status, 404)
  assert.equal((await api.get(urlOf(wheel))).status, 410)
  assert.deepEqual(Object.keys((await api.get(`/${INDEX}/foo`)).result), ['2.0'])

  await api.del(urlOf(later), ada)
  assert.equal((await api.get(`/${INDEX}/foo`)).status, 404)
  assert.deepEqual((await api.get(`/${INDEX}`)).result.projects, [])
})

test('what is not there, or not any more, is told apart', async () => {
  await using api = await start()
  await api.del(urlOf(wheel), ada)
  const path = urlOf(wheel).slice(1)
  const missing = `${INDEX}/+f/abc/0123456789abc/foo-1.0.zip`

  const gone = await api.del(`/${path}`, ada)
  const never = await api.del(`/${missing}`, ada)

  assert.deepEqual([gone.status, gone.message], [410, refuse('path-gone', { path }).message])
  const expected = refuse('path-missing', { path: missing }).message
  assert.deepEqual([never.status, never.message], [404, expected])
})

// devpi-http 12: 89, 120
test('a deleted release takes its files along, whatever the spelling of the project', async () => {
  await using api = await start()

  const reply = await api.del(`/${INDEX}/FOO/1.0`, ada)

  assert.deepEqual([reply.status, reply.message], [200, "project 'foo' version '1.0' deleted"])
  assert.equal((await api.get(urlOf(wheel))).status, 410)
  assert.equal((await api.get(urlOf(sdist))).status, 410)
  assert.equal((await api.get(urlOf(later), { accept: '*/*' })).status, 200)
})

test('a deleted project takes everything along', async () => {
  await using api = await start()
  await addProject(api.ledger, INDEX, 'other')

  const reply = await api.del(`/${INDEX}/foo/`, ada)

  const expected = `project foo deleted from stage ${INDEX}`
  assert.deepEqual([reply.status, reply.message], [200, expected])
  assert.equal((await api.get(urlOf(later))).status, 410)
  assert.deepEqual((await api.get(`/${INDEX}`)).result.projects, ['other'])
})

// devpi-http 12: 118
test('a non-volatile index lets things go only by force', async () => {
  await using api = await start({ volatile: false })
  const before = await stateOf(api)
  const { message: release } = refuse('release-nonvolatile')
  const { message: project } = refuse('project-nonvolatile', { project: 'foo', index: INDEX })

  for (const [path, message] of [
    [urlOf(wheel), release],
    [`/${INDEX}/foo/1.0`, release],
    [`/${INDEX}/foo`, project],
  ] as const) {
    const reply = await api.del(path, ada)
    assert.deepEqual([reply.status, reply.message], [403, message])
  }
  assert.deepEqual(await stateOf(api), before)

  for (const path of [urlOf(wheel), `/${INDEX}/foo/1.0`, `/${INDEX}/foo`]) {
    assert.equal((await api.del(`${path}?force`, ada)).status, 200)
  }
})

// devpi-http 12: 59, 119
test('owners, root and uploaders may delete; nobody else, and nobody from an index that is missing', async () => {
  await using api = await start()
  for (const user of ['bob', 'carol']) await api.makeUser(user)
  await api.patch(`/${INDEX}`, { ...ada, json: { acl_upload: ['bob'] } })
  const before = await stateOf(api)

  for (const who of [{}, { as: 'carol' }]) {
    for (const path of [urlOf(wheel), `/${INDEX}/foo/1.0`, `/${INDEX}/foo`, '/ada/nope/foo']) {
      assert.equal((await api.del(path, who)).status, 403)
    }
  }
  assert.deepEqual(await stateOf(api), before)
  assert.equal((await api.del('/ada/nope/foo', ada)).status, 403)

  assert.equal((await api.del(urlOf(wheel), { as: 'bob' })).status, 200)
  assert.equal((await api.del(urlOf(sdist), { as: 'root' })).status, 200)
  assert.equal((await api.del(`/${INDEX}/foo`, ada)).status, 200)
  assert.equal((await api.patch(`/${INDEX}`, { as: 'bob', json: { title: 'x' } })).status, 403)
})

test('releases and projects that the index itself lacks are refused by name', async () => {
  await using api = await start()
  await api.makeIndex('ada/top', { volatile: true, bases: [INDEX] })

  const release = await api.del(`/${INDEX}/foo/3.0`, ada)
  const inherited = await api.del('/ada/top/foo/1.0', ada)
  const project = await api.del('/ada/top/foo', ada)

  const version = { version: '3.0', project: 'foo', index: INDEX }
  assert.deepEqual(
    [release.status, release.message],
    [404, refuse('release-not-on-index', version).message],
  )
  const missing = refuse('project-not-on-index', { project: 'foo', index: 'ada/top' })
  assert.deepEqual([inherited.status, inherited.message], [404, missing.message])
  assert.deepEqual([project.status, project.message], [404, refuse('project-not-found').message])
})
