/** The pages that say how the server is, and why an index offers what it offers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BEGINNING, DAY_MS, POLICED_STAGE, startPolicedWorld } from '../support/policies.ts'
import { addRelease, getPage, linksIn, startWeb, textOf } from '../support/web.ts'
import { makeWheel } from '../support/wheel.ts'

test('the status is a page for people, and stays JSON for programs', async () => {
  await using api = await startWeb()

  const page = await getPage(api, '/+status')
  const json = await api.get('/+status')

  assert.match(textOf(page.text), /Status ok .*Serial \d+/)
  assert.equal(json.result.role, 'MASTER')
  assert.ok(linksIn((await getPage(api, '/')).text).includes('/+status'))
})

test('the status lists all mirrors that the reader may read, asked or not, fifty on a page', async () => {
  await using api = await startWeb()
  const mirror = { type: 'mirror', mirror_url: 'http://127.0.0.1:9/' }
  for (let number = 10; number < 61; number++) await api.makeIndex(`ada/m${number}`, mirror)
  await api.makeIndex('ada/kept', { ...mirror, acl_read: ['ada'] })

  const page = await getPage(api, '/+status')
  const last = await getPage(api, '/+status?page=2')
  const { result } = await api.get('/+status')

  assert.match(textOf(page.text), /Mirrors 51 .* ada\/m10 0 ada\/m11 0 /)
  assert.ok(!page.text.includes('ada/kept'))
  assert.ok(linksIn(page.text).includes('/+status?page=2'))
  assert.match(textOf(last.text), /ada\/m60 0/)
  assert.doesNotMatch(last.text, /ada\/m10/)
  assert.deepEqual([result.coverage.length, result.mirror_count], [51, 51])
  assert.equal(result.workers, null)
  assert.doesNotMatch(page.text, /Workers/)
  assert.match(textOf((await getPage(api, '/+status?page=9', { as: 'ada' })).text), /Mirrors 52/)
})

test('how much room the disk has is for who is logged in', async () => {
  await using api = await startWeb()

  assert.doesNotMatch((await getPage(api, '/+status')).text, /Disk/)
  assert.match((await getPage(api, '/+status', { as: 'ada' })).text, /Disk/)
})

test('a page explains why a file is not offered, by which rule and until when', async () => {
  const young = { 'upload-time': new Date(BEGINNING - 2 * DAY_MS).toISOString() }
  await using world = await startPolicedWorld({
    anchor: [{ built: makeWheel('anchor', '1.0'), facts: young }],
  })
  await world.set({ cooldown: '7d' })

  const page = await getPage(world.api, `/${POLICED_STAGE}/+explain/anchor`)

  assert.match(textOf(page.text), /0 files are shown, 1 is hidden/)
  assert.match(
    textOf(page.text),
    /hidden by cooldown on ada\/dev: it is younger than 7d, until 2026-06-06 00:00 UTC/,
  )
})

test('what a mirrored release says of itself is shown, though upstream tells no more than its files', async () => {
  const built = makeWheel('anchor', '1.0', { summary: 'Drops anchors' })
  await using world = await startPolicedWorld({ anchor: [{ built }] })

  const page = await getPage(world.api, `/${POLICED_STAGE}/anchor/1.0`)

  assert.match(textOf(page.text), /anchor 1\.0 Drops anchors/)
  assert.match(textOf(page.text), /From ada\/mirror/)
})

test('the button of a project asks upstream again', async () => {
  await using world = await startPolicedWorld({ anchor: [{ built: makeWheel('anchor', '1.0') }] })
  const path = `/${POLICED_STAGE}/anchor`
  const asked = () => world.upstream.requests.filter(({ path: one }) => one === '/simple/anchor/')

  const page = await getPage(world.api, path)
  const before = asked().length
  const reply = await world.api.post(`${path}/refresh`, { accept: 'text/html' })

  assert.match(page.text, /<form method="post" action="\/ada\/dev\/anchor\/refresh">/)
  assert.deepEqual([reply.status, reply.location], [302, path])
  assert.equal(asked().length, before + 1)
})

test('a project says that files are not offered, and leads to why', async () => {
  await using api = await startWeb()
  await addRelease(api, 'team/prod', 'anchor', '1.0')
  await addRelease(api, 'ada/dev', 'anchor', '1.0')

  const project = await getPage(api, '/ada/dev/anchor')
  const page = await getPage(api, '/ada/dev/+explain/anchor')

  assert.match(textOf(project.text), /1 file is known and not offered/)
  assert.ok(linksIn(project.text).includes('/ada/dev/+explain/anchor'))
  assert.match(textOf(page.text), /1 file is shown, 1 is hidden/)
  assert.match(textOf(page.text), /hidden by shadowed on ada\/dev/)
})
