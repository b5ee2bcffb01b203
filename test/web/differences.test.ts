/** What differs between two releases: metadata, files, and what is in these. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../support/api.ts'
import { sendFile, type Fields } from '../support/upload.ts'
import { getPage, linksIn, startWeb, textOf } from '../support/web.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

const PROJECT = '/ada/dev/foo'

async function startWith(
  ...uploads: readonly (readonly [version: string, file: Distribution, fields?: Fields])[]
): Promise<Api> {
  const api = await startWeb()
  for (const [version, file, fields] of uploads) {
    const { status, text } = await sendFile(api, 'ada/dev', file, { version, ...fields })
    if (status !== 200) throw new Error(text)
  }
  return api
}

const old = makeWheel('foo', '1.0', {
  content: 'kept = 1\nold = 2\n',
  extraFiles: { 'gone.py': '', 'tool.so': '\0' },
})
const now = makeWheel('foo', '2.0', {
  content: 'kept = 1\n<b>new</b> = 2\n',
  extraFiles: { 'come.py': '', 'tool.so': '\0\0' },
})

test('a release leads to what it has changed: metadata, description and files', async () => {
  await using api = await startWith(
    [
      '1.0',
      old,
      { summary: 'Old <i>words</i>', requires_dist: ['chain>=1'], description: 'one\n' },
    ],
    ['2.0', now, { summary: 'New', requires_dist: ['chain>=2', 'rope'], description: 'two\n' }],
    ['2.0', makeSdist('foo', '2.0')],
  )
  const release = await getPage(api, `${PROJECT}/2.0`)
  assert.ok(linksIn(release.text).includes(`${PROJECT}/+diff/1.0/2.0`))

  const { status, text } = await getPage(api, `${PROJECT}/+diff/1.0/2.0`)

  assert.equal(status, 200)
  const shown = textOf(text)
  assert.match(shown, /\.tar\.gz added – \d+/)
  assert.match(shown, /requires chain chain>=1 chain>=2 requires rope rope/)
  assert.match(shown, /summary Old <i>words<\/i> New/)
  assert.match(shown, /Description 1 line added, 1 removed .*-one \+two/)
  assert.ok(linksIn(text).includes(`${PROJECT}/+diff/2.0/1.0`))
})

test('two files are compared by their members, and members by their lines', async () => {
  await using api = await startWith(['1.0', old], ['2.0', now])
  const page = await getPage(api, `${PROJECT}/+diff/1.0/2.0`)
  const [contents = ''] = linksIn(page.text).filter((link) => link.includes('before='))

  const files = await getPage(api, contents)
  const shown = textOf(files.text)
  assert.match(shown, /4 members changed, 1 added, 1 removed, 1 the same/)
  assert.match(shown, /Changed .*foo\.py .*tool\.so .*Added .*come\.py .*Removed .*gone\.py/)

  const texts = linksIn(files.text).filter((link) => link.includes('&old='))
  assert.equal(texts.length, 3) // what is hardly text is not offered
  const member = await getPage(api, texts[0]!)
  assert.match(textOf(member.text), /kept = 1 -old = 2 \+<b>new<\/b> = 2/)
  assert.ok(!member.text.includes('<b>new'))
})

test('a choice leads to its comparison, none to the latest release and the one before it', async () => {
  await using api = await startWith(['1.0', old], ['2.0', now])

  const none = await getPage(api, `${PROJECT}/+diff`)
  const chosen = await getPage(api, `${PROJECT}/+diff?old=2.0&new=1.0`)

  assert.deepEqual([none.status, none.location], [302, `${PROJECT}/+diff/1.0/2.0`])
  assert.equal(chosen.location, `${PROJECT}/+diff/2.0/1.0`)
})

test('programs get the differences of two releases as JSON', async () => {
  await using api = await startWith(['1.0', old], ['2.0', now])

  const { result } = await api.get(`${PROJECT}/+diff/1.0/2.0`)

  assert.deepEqual(result.files, [
    { what: 'py3-none-any', before: old.filename, after: now.filename },
  ])
})

test('what is not there is refused', async () => {
  await using api = await startWith(['1.0', old], ['2.0', now])
  const files = `before=${old.filename}&after=${now.filename}`

  for (const path of [
    `${PROJECT}/+diff/1.0/3.0`,
    `${PROJECT}/+diff/x/y`,
    `/ada/dev/nothing/+diff`,
    `${PROJECT}/+diff/1.0/2.0?before=other.whl&after=${now.filename}`,
    `${PROJECT}/+diff/1.0/2.0?before=${old.filename}`,
    `${PROJECT}/+diff/1.0/2.0?${files}&old=99&new=0`,
    `${PROJECT}/+diff/1.0/2.0?${files}&old=x&new=0`,
  ]) {
    assert.equal((await getPage(api, path)).status, 404, path)
  }
})

test('a release that a policy hides is neither compared nor looked into', async () => {
  await using api = await startWith(['1.0', old], ['2.0', now])
  await api.patch('/ada/dev', { as: 'ada', json: ['constraints=foo==2.0'] })
  const files = `before=${old.filename}&after=${now.filename}`

  for (const path of [
    `${PROJECT}/+diff/1.0/2.0`,
    `${PROJECT}/+diff/1.0/2.0?${files}`,
    `${PROJECT}/1.0/+contents/${old.filename}`,
    `${PROJECT}/2.0/+contents/${old.filename}`,
  ]) {
    assert.equal((await getPage(api, path)).status, 404, path)
  }
  assert.equal((await getPage(api, `${PROJECT}/2.0/+contents/${now.filename}`)).status, 200)
})
