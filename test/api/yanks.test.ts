/** Yanking releases and files (PEP 592). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '#base/refusal'
import { startApi, type Api } from '../support/api.ts'
import { INDEX, sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

const release = `/${INDEX}/anchor/1.0/+yank`
const names = ['anchor-1.0-py2-none-any.whl', 'anchor-1.0-py3-none-any.whl'] as const

const uploadWheel = (api: Api, version: string, tag = 'py3-none-any') =>
  sendFile(api, INDEX, makeWheel('anchor', version, { tag }), { name: 'anchor', version })

async function startWithFiles(): Promise<Api> {
  const api = await startApi({ indexes: [INDEX, 'bob/dev'], transport: 'inject' }) // no proxy keeps pages
  await uploadWheel(api, '1.0', 'py2-none-any')
  await uploadWheel(api, '1.0')
  await uploadWheel(api, '2.0')
  return api
}

/** What the page says of each file. */
async function yanks(api: Api): Promise<Record<string, unknown>> {
  const accept = 'application/vnd.pypi.simple.v1+json'
  const { json } = await api.get(`/${INDEX}/+simple/anchor/`, { accept })
  const files = json.files as { filename: string; yanked?: unknown }[]
  return Object.fromEntries(files.map(({ filename, yanked }) => [filename, yanked ?? false]))
}

const usual = { [names[0]]: false, [names[1]]: false, 'anchor-2.0-py3-none-any.whl': false }

test('a release is yanked for a reason, changed and undone, on an index that is not volatile', async () => {
  await using api = await startWithFiles()
  const reason = 'loses\nanchors'

  const yanked = await api.put(release, { as: 'ada', json: { reason } })
  assert.deepEqual([yanked.status, yanked.result], [200, names])
  assert.deepEqual(await yanks(api), {
    ...usual,
    [names[0]]: 'loses anchors',
    [names[1]]: 'loses anchors',
  })
  const again = await api.put(release, { as: 'ada' })
  assert.deepEqual([again.result, again.message], [names, '2 files are yanked'])
  assert.deepEqual(await yanks(api), { ...usual, [names[0]]: true, [names[1]]: true })
  const undone = await api.del(release, { as: 'ada' })
  assert.equal(undone.message, '2 files are no longer yanked')
  assert.deepEqual(await yanks(api), usual)
})

test('one file of a release is yanked alone', async () => {
  await using api = await startWithFiles()

  await api.put(release, { as: 'ada', json: { reason: 'bad build', filename: names[1] } })
  assert.deepEqual(await yanks(api), { ...usual, [names[1]]: 'bad build' })
  await api.del(`${release}?filename=${names[1]}`, { as: 'ada' })
  assert.deepEqual(await yanks(api), usual)
})

test('the same upload again does not undo a yank', async () => {
  await using api = await startWithFiles()
  await api.put(release, { as: 'ada' })

  await uploadWheel(api, '1.0')

  assert.equal((await yanks(api))[names[1]], true)
})

test('who may neither upload nor change the index may not yank', async () => {
  await using api = await startWithFiles()

  for (const options of [{}, { as: 'bob' }]) {
    assert.equal((await api.put(release, options)).status, 403)
    assert.equal((await api.del(release, options)).status, 403)
  }
  assert.equal((await api.put('/ada/nope/anchor/1.0/+yank', { as: 'ada' })).status, 403)
  assert.equal((await api.put(release, { as: 'root' })).status, 200)
})

test('what is not there, what is a mirror, and what cannot be read is refused', async () => {
  await using api = await startWithFiles()
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' })
  const index = 'ada/up'
  const refusals: [path: string, json: unknown, status: number, message: string][] = [
    [
      `/${INDEX}/anchor/9/+yank`,
      {},
      404,
      refuse('release-not-on-index', { version: '9', project: 'anchor', index: INDEX }).message,
    ],
    [release, { filename: 'x.whl' }, 404, refuse('file-missing').message],
    [`/${index}/anchor/1.0/+yank`, {}, 400, refuse('yank-on-mirror', { index }).message],
    [release, { reason: 1 }, 400, 'Bad request: reason and filename must be texts'],
    [release, { reason: 'x'.repeat(1001) }, 400, 'The reason is longer than 1000 characters.'],
    [release, [], 400, refuse('body-not-object').message],
  ]

  for (const [path, json, status, message] of refusals) {
    const reply = await api.put(path, { as: 'ada', json })
    assert.deepEqual([reply.status, reply.message], [status, message])
  }
})
