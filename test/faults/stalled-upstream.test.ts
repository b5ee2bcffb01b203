/** One upstream of several that fails or says nothing: who need not wait for it does not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startApi, type Api, type Json } from '../support/api.ts'
import { failWith, hangUp } from '../support/broken-answers.ts'
import { body, notFound, stall, startFakeUpstream, type Answer } from '../support/fake-upstream.ts'
import { makeMirrorRig, MIRROR } from '../support/mirror.ts'
import { findFreePort } from '../support/ports.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { INDEX, listFiles, sendFile } from '../support/upload.ts'
import { makeWheel } from '../support/wheel.ts'

/** Whoever waits for upstream makes the test run out of time. */
const FOR_EVER = 3_600_000
const HALF_HOUR = 1_800_000
const DAY = 24 * 3_600_000

const files = ['anchor', 'buoy', 'cape'].map((name) => makeWheel(name, '1.0'))

async function startHealthyAndSick(sickUrl: string, healthyUrl: string) {
  let now = 1_700_000_000_000
  const config = { requestTimeout: FOR_EVER }
  const api = await startApi({ config, clock: { now: () => now } })
  const mirror = { type: 'mirror', mirror_no_project_list: true }
  await api.makeIndex('ada/healthy', { ...mirror, mirror_url: healthyUrl })
  await api.makeIndex('ada/sick', { ...mirror, mirror_url: sickUrl })
  await api.makeIndex(INDEX, { bases: ['ada/sick', 'ada/healthy'], mirror_whitelist: ['*'] })
  return { api, pass: (ms: number) => void (now += ms) }
}

async function shown(api: Api, project: string): Promise<string[]> {
  return (await listFiles(api, INDEX, project)).map(({ filename }: Json) => filename)
}

test('a project of a stage or of another mirror does not wait for an upstream that failed', async () => {
  await using healthy = await startStaticIndex(files)
  await using sick = await startFakeUpstream(failWith(503))
  const { api } = await startHealthyAndSick(sick.url('simple/'), healthy.url('simple/'))
  await using _ = api
  assert.deepEqual(await shown(api, 'anchor'), ['anchor-1.0-py3-none-any.whl'])

  sick.answerWith(stall)
  assert.deepEqual(await shown(api, 'buoy'), ['buoy-1.0-py3-none-any.whl'])
  assert.deepEqual(await shown(api, 'buoy'), ['buoy-1.0-py3-none-any.whl'])
  const own = makeWheel('cape', '2.0')
  await sendFile(api, INDEX, own, { name: 'cape', version: '2.0' })
  assert.deepEqual(await shown(api, 'cape'), [own.filename, 'cape-1.0-py3-none-any.whl'])
  assert.equal(sick.requestsTo('/simple/buoy/').length, 1)
})

test('links that are old for long do not wait for an upstream that failed', async () => {
  await using healthy = await startStaticIndex([])
  await using sick = await startStaticIndex(files)
  const { api, pass } = await startHealthyAndSick(sick.url('simple/'), healthy.url('simple/'))
  await using _ = api
  assert.equal((await shown(api, 'anchor')).length, 1)

  pass(30 * DAY)
  sick.answerWith(failWith(503))
  assert.equal((await shown(api, 'anchor')).length, 1)
  pass(HALF_HOUR)
  sick.answerWith(stall)
  assert.equal((await shown(api, 'anchor')).length, 1)
})

test('the status names an upstream that is left alone, until it answers again', async () => {
  await using healthy = await startStaticIndex([])
  await using sick = await startFakeUpstream(failWith(503))
  const { api, pass } = await startHealthyAndSick(sick.url('simple/'), healthy.url('simple/'))
  await using _ = api
  const health = async (): Promise<Json> => (await api.get('/+status')).result.upstreams
  const accept = 'application/vnd.pypi.simple.v1+json'
  const status = async (): Promise<number> =>
    (await api.get('/ada/sick/+simple/anchor/', { accept })).status
  for (let asked = 0; asked < 7; asked++) {
    assert.equal(await status(), 502)
  }
  assert.equal(sick.requests.length, 5)
  const [{ upstream, state, failures, reason, until }] = await health()
  assert.deepEqual(
    { upstream, state, failures, reason },
    { upstream: new URL(sick.url()).origin, state: 'open', failures: 5, reason: 'it answers 503' },
  )
  assert.ok(Date.parse(until) >= 1_700_000_002_000)

  pass(5000)
  sick.answerWith(notFound)
  assert.equal(await status(), 404)
  assert.deepEqual(await health(), [])
})

test('a mirror that goes another way to an upstream, and gets nowhere, stops nobody else', async () => {
  await using healthy = await startStaticIndex(files)
  const nowhere = `http://127.0.0.1:${await findFreePort()}/`
  const { api } = await startHealthyAndSick(healthy.url('simple/'), healthy.url('simple/'))
  await using _ = api
  const entry = { type: 'mirror', mirror_url: healthy.url('simple/'), mirror_proxy: nowhere }
  await api.makeIndex('eve/mirror', { ...entry, mirror_no_project_list: true })

  for (let asked = 0; asked < 8; asked++) {
    const page = await api.get('/eve/mirror/+simple/anchor/', { accept: 'text/html' })
    assert.equal(page.status, 502)
  }

  const [unwell, ...more] = (await api.get('/+status')).result.upstreams
  assert.deepEqual([unwell.state, unwell.failures, more], ['open', 5, []])
  const told = async (index: string): Promise<Json> =>
    (await api.get(`/${index}/+explain/anchor`)).result?.indexes[0].mirror.failing
  assert.equal((await listFiles(api, 'ada/healthy', 'anchor')).length, 1)
  assert.equal(await told('ada/healthy'), undefined)
})

const ways: Record<string, { readonly answer?: Answer; readonly host?: string }> = {
  // No connection stays open: this process would not have heard yet that those of the one before are closed.
  'answers 503': { answer: body('busy', { status: 503, headers: { connection: 'close' } }) },
  'hangs up': { answer: hangUp },
  'refuses connections': {},
  'has a host that nobody knows': { host: 'upstream.invalid' },
}

for (const [does, { answer, host = '127.0.0.1' }] of Object.entries(ways)) {
  test(`one line is logged when an upstream that ${does} is left alone, and one when it is back`, async () => {
    const port = await findFreePort()
    await using rig = await makeMirrorRig(`http://${host}:${port}/simple/`)
    await rig.setMirror({ mirror_no_project_list: true })
    const told = (): string[] =>
      rig.log.map(({ message }) => message).filter((message) => message.startsWith('an upstream'))
    const failing = answer && (await startFakeUpstream(answer, port))
    for (let asked = 0; asked < 8; asked++) {
      await assert.rejects(rig.mirrors.freshen(MIRROR, `project${asked}`))
    }
    await failing?.close()
    assert.deepEqual(told(), ['an upstream is left alone until it answers again'])
    if (host !== '127.0.0.1') return

    rig.pass(5000)
    await using _ = await startFakeUpstream(notFound, port)
    assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'missing')
    assert.deepEqual(told().slice(1), ['an upstream answers again'])
  })
}
