/** The pages of recent changes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addRelease, getPage, linksIn, startWeb, textOf } from '../support/web.ts'

test('a page tells who changed what, and is reached from the status and from an index', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0')

  const all = await getPage(api, '/+changes')
  const own = await getPage(api, '/ada/dev/+changes')

  assert.match(textOf(all.text), /added file anchor-1\.0-py3-none-any\.whl on ada\/dev/)
  assert.match(textOf(all.text), /by ada added project anchor|by ada added file anchor/)
  assert.ok(linksIn(own.text).includes('/ada/dev/anchor/1.0'))
  assert.doesNotMatch(textOf(own.text), /on ada\/dev|team\/prod/)
  assert.ok(linksIn((await getPage(api, '/+status')).text).includes('/+changes'))
  assert.ok(linksIn((await getPage(api, '/ada/dev')).text).includes('/ada/dev/+changes'))
})

test('older changes are a link away, and the newest another', async () => {
  await using api = await startWeb()
  for (let number = 0; number < 55; number++)
    await addRelease(api, 'ada/dev', 'anchor', `1.${number}`)

  const first = await getPage(api, '/ada/dev/+changes')
  const older = linksIn(first.text).find((link) => link.includes('?before='))
  const second = await getPage(api, older ?? '')

  assert.match(textOf(first.text), /anchor-1\.54-/)
  assert.doesNotMatch(textOf(first.text), /anchor-1\.1-/)
  assert.match(textOf(second.text), /anchor-1\.1-.* added index ada\/dev/)
  assert.ok(linksIn(second.text).includes('/ada/dev/+changes'))
})

test('a restricted index is on nobody else’s page of changes', async () => {
  await using api = await startWeb()
  await api.patch('/ada/dev', { as: 'ada', json: ['acl_read=ada'] })

  assert.doesNotMatch((await getPage(api, '/+changes')).text, /ada\/dev/)
  assert.match((await getPage(api, '/+changes', { as: 'ada' })).text, /ada\/dev/)
})
