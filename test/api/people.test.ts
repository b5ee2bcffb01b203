/** What people see of a project that installers don't: an order, owners, a button and a word (devpi-http 4.9). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api } from '../support/api.ts'
import { addFile } from '../support/domain.ts'
import { startStaticIndex } from '../support/static-index.ts'

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const pip = { accept: 'text/html', headers: { 'user-agent': 'pip/26.0 {"ci":null}' } }

const page = (api: Api, index: string, options: object) =>
  api.get(`/${index}/+simple/anchor/`, options)
/** A line's text before its link, and the link's. */
const lines = (html: string): string[] =>
  [...html.matchAll(/^(.*?)<a [^>]*>([^<]*)</gm)].map(([, before, name]) => `${before}${name}`)

// devpi-http 12: 94
test('people see the newest files first, sdists before wheels, each with its index; installers the order of the indexes', async () => {
  await using api = await startApi({ indexes: ['ada/base'] })
  await api.makeIndex('ada/dev', { bases: 'ada/base' })
  for (const name of ['anchor-1.10.tar.gz', 'anchor-1.9.tar.gz', 'anchor-2.0rc1.tar.gz']) {
    await addFile(api.ledger, 'ada/dev', name)
  }
  await addFile(api.ledger, 'ada/base', 'anchor-3.0.tar.gz')
  await addFile(api.ledger, 'ada/base', 'anchor-1.9-py3-none-any.whl')

  const [person, installer] = [await page(api, 'ada/dev', browser), await page(api, 'ada/dev', pip)]

  assert.deepEqual(lines(person.text), [
    'ada/base anchor-3.0.tar.gz',
    'ada/dev anchor-2.0rc1.tar.gz',
    'ada/dev anchor-1.10.tar.gz',
    'ada/dev anchor-1.9.tar.gz',
    'ada/base anchor-1.9-py3-none-any.whl',
  ])
  assert.deepEqual(lines(installer.text), [
    'anchor-1.10.tar.gz',
    'anchor-1.9.tar.gz',
    'anchor-2.0rc1.tar.gz',
    'anchor-1.9-py3-none-any.whl',
    'anchor-3.0.tar.gz',
  ])
})

// devpi-http 12: 87
test('both say that the answer depends on who asks, and have validators of their own', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await addFile(api.ledger, 'ada/dev', 'anchor-1.0.tar.gz')

  const replies = [await page(api, 'ada/dev', browser), await page(api, 'ada/dev', pip)]
  const again = [await page(api, 'ada/dev', browser), await page(api, 'ada/dev', pip)]

  for (const { headers } of replies) {
    assert.match(headers.vary ?? '', /\bAccept\b/)
    assert.match(headers.vary ?? '', /\bUser-Agent\b/)
  }
  assert.notEqual(replies[0]?.headers.etag, replies[1]?.headers.etag)
  assert.deepEqual(
    again.map(({ text }) => text),
    replies.map(({ text }) => text),
  )
})

// devpi-http 12: 95
test('people may ask mirrors anew where one has the project', async () => {
  await using upstream = await startStaticIndex([
    { filename: 'anchor-1.0.tar.gz', bytes: Buffer.from('1') },
  ])
  await using api = await startApi({ indexes: ['ada/own'] })
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: upstream.url('simple/') })
  await api.makeIndex('ada/dev', { bases: 'ada/up' })
  await addFile(api.ledger, 'ada/own', 'anchor-1.0.tar.gz')
  const form = (title: string) =>
    `<form action="refresh" method="post"><input name="refresh" type="submit" value="${title}"></form>`

  assert.ok((await page(api, 'ada/up', browser)).text.includes(form('Refresh')))
  assert.ok((await page(api, 'ada/dev', browser)).text.includes(form('Refresh mirror links')))
  assert.doesNotMatch((await page(api, 'ada/own', browser)).text, /<form/)
  for (const accept of ['text/html', 'application/vnd.pypi.simple.v1+html']) {
    assert.doesNotMatch((await page(api, 'ada/dev', { ...pip, accept })).text, /<form/)
  }
  const refreshed = await api.post('/ada/dev/+simple/anchor/refresh', browser)
  assert.deepEqual([refreshed.status, refreshed.location], [302, '/ada/dev/+simple/anchor/'])
})

// devpi-http 12: 96
test('people are told which mirror is kept out by the whitelist', async () => {
  await using api = await startApi()
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' })
  await api.makeIndex('ada/dev', { bases: 'ada/up' })
  await addFile(api.ledger, 'ada/dev', 'anchor-1.0.tar.gz')

  const [person, installer] = [await page(api, 'ada/dev', browser), await page(api, 'ada/dev', pip)]

  const words =
    "INFO: Because this project isn't in the mirror_whitelist, no releases from ada/up are included."
  assert.ok(person.text.replaceAll(/<[^>]+>/g, '').includes(words))
  assert.doesNotMatch(person.text, /<form/)
  assert.doesNotMatch(installer.text, /INFO/)
})
