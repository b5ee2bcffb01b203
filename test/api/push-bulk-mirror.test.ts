/** Pushing a list of requirements from a mirror, alone or as a base: how a vetted set of releases is made. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../support/api.ts'
import { body, byPath, startFakeUpstream } from '../support/fake-upstream.ts'
import type { Answer, FakeUpstream } from '../support/fake-upstream.ts'
import { startIndexes, TARGET } from '../support/push.ts'
import { listFiles, sendFile } from '../support/upload.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

const MIRROR = 'ada/mirror'
const projects = Array.from({ length: 30 }, (_, n) => `p${n}`)
const files = projects.map((name) => makeWheel(name, '1.0'))
const yanked = makeWheel('p0', '2.0')

const link = ({ filename, sha256 }: Distribution, more = ''): string =>
  `<a href="/f/${filename}#sha256=${sha256}"${more}>${filename}</a>`

function answers(): Record<string, Answer> {
  const pages = files.map((file, n) => [
    `/simple/p${n}/`,
    body(link(file) + (n === 0 ? link(yanked, ' data-yanked=""') : '')),
  ])
  const bytes = [...files, yanked].map((file) => [`/f/${file.filename}`, body(file.bytes)])
  return Object.fromEntries([...pages, ...bytes]) as Record<string, Answer>
}

async function start(upstream: FakeUpstream): Promise<Api> {
  const api = await startIndexes()
  await api.makeIndex(MIRROR, { type: 'mirror', mirror_url: upstream.url('/simple/') })
  await api.makeIndex('ada/top', { bases: [MIRROR] })
  return api
}

const push = (api: Api, requirements: string, index = MIRROR) =>
  api.ask('PUSH', `/${index}`, { as: 'ada', json: { targetindex: TARGET, requirements } })

test('a whole list is fetched and pushed; what upstream yanked only where it is named', async () => {
  await using upstream = await startFakeUpstream(byPath(answers()))
  await using api = await start(upstream)

  const { status, result } = await push(api, projects.join('\n'))
  const pinned = await push(api, 'p0==2.0')

  assert.deepEqual([status, pinned.status], [200, 200])
  assert.equal(result.length, 60)
  const { result: index } = await api.get(`/${TARGET}`)
  assert.equal(index.projects.length, 30)
  const [first, second] = await listFiles(api, TARGET, 'p0')
  assert.deepEqual([first.yanked, second.yanked], [undefined, true])
})

test('a file that upstream fails to send is 502 for its release, which can be pushed again', async () => {
  const [broken] = files
  const failing = { ...answers(), [`/f/${broken?.filename}`]: body('no', { status: 503 }) }
  await using upstream = await startFakeUpstream(byPath(failing))
  await using api = await start(upstream)

  const first = await push(api, 'p0\np1', 'ada/top')
  upstream.answerWith(byPath(answers()))
  const second = await push(api, 'p0\np1', 'ada/top')

  assert.equal(first.status, 502)
  assert.deepEqual(first.result[0].slice(0, 4), [502, 'push', 'p0', 'p0'])
  assert.match(first.result[0][4], /^error 503 getting http/)
  assert.equal(second.status, 200)
  assert.deepEqual(
    second.result.map(([, what]: string[]) => what),
    ['register', 'store_releasefile', 'unchanged'],
  )
})

test('a mirror that an own project keeps out is not asked', async () => {
  await using upstream = await startFakeUpstream(byPath(answers()))
  await using api = await start(upstream)
  await sendFile(api, 'ada/top', makeSdist('p1', '0.1'), { name: 'p1', version: '0.1' })

  const { status } = await push(api, 'p1', 'ada/top')

  assert.equal(status, 200)
  const { result } = await api.get(`/${TARGET}/p1`)
  assert.deepEqual(Object.keys(result), ['0.1'])
  assert.deepEqual(upstream.requestsTo('/simple/p1/'), [])
})
