/** Feeds, badges and plain text: what others show of what is here. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Parser } from 'htmlparser2'
import { DAY_MS, startPolicedWorld, BEGINNING, POLICED_MIRROR } from '../support/policies.ts'
import { addRelease, getPage, startWeb } from '../support/web.ts'
import { makeWheel } from '../support/wheel.ts'

const any = { accept: '*/*' }

/** The texts of all elements of a name. */
function textsOf(xml: string, name: string): string[] {
  const texts: string[] = []
  const open: string[] = []
  const parser = new Parser(
    {
      onopentag(tag) {
        open.push(tag)
        if (tag === name) texts.push('')
      },
      ontext(text) {
        if (open.at(-1) === name) texts.push((texts.pop() ?? '') + text)
      },
      onclosetag: () => void open.pop(),
    },
    { xmlMode: true, decodeEntities: true },
  )
  parser.end(xml)
  return texts
}

test('a feed of an index has its releases, the last first', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0', { summary: 'Drops <b>anchors</b> & more' })
  await addRelease(api, 'ada/dev', 'chain', '0.1')

  const feed = await api.get('/ada/dev/+feed', any)

  assert.equal(feed.headers['content-type'], 'application/atom+xml; charset=utf-8')
  assert.deepEqual(textsOf(feed.text, 'title'), ['ada/dev', 'chain 0.1', 'anchor 1.0'])
  assert.deepEqual(textsOf(feed.text, 'summary'), ['Drops <b>anchors</b> & more'])
  assert.equal(new Set(textsOf(feed.text, 'id')).size, 3)
  assert.match(feed.text, /href="http:\/\/[^"]+\/ada\/dev\/anchor\/1\.0"/)
  assert.match((await getPage(api, '/ada/dev')).text, /type="application\/atom\+xml"[^>]*\+feed"/)
})

test('a feed of a project has its releases alone, and hears of the next one', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  await addRelease(api, 'ada/dev', 'chain', '0.1')
  const titles = async () =>
    textsOf((await api.get('/ada/dev/+feed/anchor', any)).text, 'title').slice(1)

  assert.deepEqual(await titles(), ['anchor 1.0'])
  await addRelease(api, 'ada/dev', 'anchor', '1.1')
  assert.deepEqual(await titles(), ['anchor 1.1', 'anchor 1.0'])
  assert.equal((await api.get('/ada/none/+feed', any)).status, 404)
})

test('a feed of a project has what its bases have of it, and nobody sees it who may not read these', async () => {
  await using api = await startWeb()
  await addRelease(api, 'team/prod', 'anchor', '0.9', { summary: 'Sinks' })
  await addRelease(api, 'ada/dev', 'anchor', '1.0')

  const feed = await api.get('/ada/dev/+feed/anchor', any)
  await api.patch('/team/prod', { as: 'team', json: { acl_read: ['team'] } })
  const refused = await api.get('/ada/dev/+feed/anchor', any)

  assert.deepEqual(textsOf(feed.text, 'title').slice(1), ['anchor 1.0', 'anchor 0.9'])
  assert.deepEqual(textsOf(feed.text, 'summary'), ['Sinks'])
  assert.match(feed.text, /ada\/dev\/anchor\/0\.9/)
  assert.notEqual(refused.status, 200)
  assert.doesNotMatch(refused.text, /0\.9/)
})

test('feeds of a mirror are in the order in which upstream had the releases', async () => {
  const at = (days: number) => ({
    'upload-time': new Date(BEGINNING - days * DAY_MS).toISOString(),
  })
  await using world = await startPolicedWorld({
    anchor: [
      { built: makeWheel('anchor', '1.0'), facts: at(90) },
      { built: makeWheel('anchor', '1.10'), facts: at(3) },
      { built: makeWheel('anchor', '1.9'), facts: at(50) },
    ],
    chain: [{ built: makeWheel('chain', '2.0'), facts: at(20) }],
  })
  for (const project of ['anchor', 'chain']) await world.shown(project)
  const feedOf = async (path: string) => (await world.api.get(path, any)).text

  const index = await feedOf(`/${POLICED_MIRROR}/+feed`)
  const project = await feedOf('/ada/dev/+feed/anchor')

  const titles = ['anchor 1.10', 'chain 2.0', 'anchor 1.9', 'anchor 1.0']
  assert.deepEqual(textsOf(index, 'title').slice(1), titles)
  assert.deepEqual(textsOf(index, 'updated').slice(0, 2), Array(2).fill('2026-05-29T00:00:00.000Z'))
  assert.deepEqual(textsOf(project, 'title').slice(1), ['anchor 1.10', 'anchor 1.9', 'anchor 1.0'])
})

test('a badge shows the latest version', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  await addRelease(api, 'ada/dev', 'anchor', '2.0rc1')

  const badge = await api.get('/ada/dev/anchor/+badge.svg', any)

  assert.equal(badge.headers['content-type'], 'image/svg+xml')
  assert.match(badge.headers['content-security-policy'] ?? '', /sandbox/)
  assert.deepEqual(textsOf(badge.text, 'title'), ['anchor: 1.0'])
})

test('a release is there as plain text', async () => {
  await using api = await startWeb()
  const wheel = await addRelease(api, 'ada/dev', 'anchor', '1.0', {
    summary: 'Drops anchors',
    description: '# Anchor\n\nWeighs them, *too*.',
    description_content_type: 'text/markdown',
    requires_dist: ['chain>=2'],
  })

  const text = await api.get('/ada/dev/Anchor/latest/+llms.txt', any)
  const plain = await api.get(text.location ?? '', any)

  assert.equal(plain.headers['content-type'], 'text/markdown; charset=utf-8')
  assert.match(plain.text, /^# anchor 1\.0\n\n> Drops anchors\n/)
  assert.match(plain.text, /- chain>=2\n/)
  assert.match(plain.text, /Weighs them, \*too\*\./)
  assert.match(plain.text, new RegExp(`http://[^ ]+/${wheel.filename}#sha256=${wheel.sha256}`))
})

test('there is no feed of a project that is not there', async () => {
  await using api = await startWeb()
  await addRelease(api, 'ada/dev', 'anchor', '1.0')

  assert.equal((await api.get('/ada/dev/+feed/anchor')).status, 200)
  assert.equal((await api.get('/ada/dev/+feed/nothing')).status, 404)
})
