/** The machinery of the tests itself: every client runs, against servers that are not ours. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ada, makeClient, makeTarget } from './client.ts'
import { makePip, makePoetry, makeUv, twine } from './clients.ts'
import { makeDevpi } from './devpi-client.ts'
import { makeStages } from './devpi-api.ts'
import { body, breakAfter, byPath, redirectInCircles, startFakeUpstream } from './fake-upstream.ts'
import { flitPublish, hatchPublish, pdmPublish } from './publishers.ts'
import { environmentNames } from './python-env.ts'
import { startStaticIndex } from './static-index.ts'
import { startDevpiServer, startPypiserver, type IndexServer } from './upstream.ts'
import { makeSdist, makeWheel } from './wheel.ts'

const tools: Record<(typeof environmentNames)[number], Record<string, string>> = {
  clients: { pip: 'pip', uv: 'uv', twine: 'twine', devpi: 'devpi-client' },
  publishers: { flit: 'flit', hatch: 'hatch', pdm: 'pdm' },
  poetry: { poetry: 'poetry' },
  servers: { 'devpi-server': 'devpi-server', 'pypi-server': 'pypiserver' },
}

for (const name of environmentNames) {
  test(`the environment "${name}" has its programs in the pinned versions`, async () => {
    await using client = await makeClient(name)
    const file = join(import.meta.dirname, 'requirements', `${name}.txt`)
    const pins = new Map(
      [...(await readFile(file, 'utf8')).matchAll(/^(.+)==(.+)$/gm)].map(
        ([, project = '', version = '']) => [project, version],
      ),
    )

    for (const [tool, project] of Object.entries(tools[name])) {
      const shown = await client.run(tool, ['--version'])

      assert.equal(shown.code, 0, shown.output)
      assert.ok(shown.output.includes(pins.get(project) ?? '(no pin)'), shown.output)
    }
  })
}

describe('publishers and installers work against devpi-server', () => {
  let server: IndexServer
  before(async () => {
    server = await startDevpiServer({ stages: ['ada/dev'] })
  })
  after(() => server.stop())

  const publishers: Record<
    string,
    (name: string, url: string) => Promise<{ code: number; output: string }>
  > = {
    twine: (name, url) => twine.upload([makeWheel(name, '1.0'), makeSdist(name, '1.0')], url),
    async uv(name, url) {
      await using uv = await makeUv()
      return await uv.publish(makeWheel(name, '1.0'), url)
    },
    async poetry(name, url) {
      await using poetry = await makePoetry()
      return await poetry.publish([makeWheel(name, '1.0'), makeSdist(name, '1.0')], url)
    },
    async devpi(name, url) {
      await using devpi = await makeDevpi()
      await devpi.open(url)
      return await devpi.upload(makeWheel(name, '1.0'))
    },
    flit: (name, url) => flitPublish({ name, version: '1.0' }, url),
    hatch: (name, url) => hatchPublish(makeWheel(name, '1.0'), url),
    pdm: (name, url) => pdmPublish(makeWheel(name, '1.0'), url),
  }

  for (const [name, publish] of Object.entries(publishers)) {
    test(`${name} uploads, and pip installs it`, async () => {
      const project = `anchor-${name}`
      await using pip = await makePip()

      const upload = await publish(project, server.url('ada/dev/'))
      assert.equal(upload.code, 0, upload.output)

      const install = await pip.install(project, server.url('ada/dev/+simple/'))
      assert.equal(install.code, 0, install.output)
      assert.deepEqual(await pip.installed(), [`anchor_${name}-1.0`])
    })
  }

  test('uv and poetry install what twine uploaded', async () => {
    await using uv = await makeUv()
    await using poetry = await makePoetry()
    const indexUrl = server.url('ada/dev/+simple/')
    const upload = await twine.upload(makeWheel('chain', '2.0'), server.url('ada/dev/'))
    assert.equal(upload.code, 0, upload.output)

    const withUv = await uv.install('chain==2.0', indexUrl)
    assert.equal(withUv.code, 0, withUv.output)
    assert.deepEqual(await uv.installed(), ['chain-2.0'])

    await poetry.writeProject({ indexUrl, dependencies: ['chain>=1'] })
    const withPoetry = await poetry.poetry(['install'])
    assert.equal(withPoetry.code, 0, withPoetry.output)
    assert.deepEqual(await poetry.installed(), ['chain-2.0'])
  })

  test('a wrong password is the tool’s failure and not an exception', async () => {
    const upload = await twine.upload(makeWheel('rope', '1.0'), server.url('ada/dev/'), {
      ...ada,
      password: 'wrong',
    })

    assert.equal(upload.code, 1, upload.output)
  })

  test('further indexes are made for a user who is there already', async () => {
    await makeStages(server.url(), ['bea/one', { name: 'bea/two', bases: ['bea/one'] }])

    const response = await fetch(server.url('bea/two'), { headers: { accept: 'application/json' } })
    const { result } = (await response.json()) as { result: { bases: string[] } }
    assert.deepEqual(result.bases, ['bea/one'])
  })
})

test('pip installs from pypiserver', async () => {
  await using server = await startPypiserver([makeWheel('anchor', '1.0')])
  await using pip = await makePip()

  const install = await pip.install('anchor', server.url('simple/'))

  assert.equal(install.code, 0, install.output)
  assert.deepEqual(await pip.installed(), ['anchor-1.0'])
})

for (const json of [true, false]) {
  test(`pip and uv install from the static index in ${json ? 'JSON' : 'HTML'}`, async () => {
    const wheels = [
      makeWheel('anchor', '1.0', { requiresDist: ['chain-link'] }),
      { ...makeWheel('anchor', '2.0'), yanked: 'broken' },
      { ...makeWheel('chain-link', '1.0'), requiresPython: '>=3.8' },
    ]
    await using index = await startStaticIndex(wheels, { json })
    await using pip = await makePip()
    await using uv = await makeUv()

    const withPip = await pip.install('anchor', index.url('simple/'))
    assert.equal(withPip.code, 0, withPip.output)
    assert.deepEqual(await pip.installed(), ['anchor-1.0', 'chain_link-1.0'])

    const withUv = await uv.install('anchor', index.url('simple/'))
    assert.equal(withUv.code, 0, withUv.output)
    assert.deepEqual(await uv.installed(), ['anchor-1.0', 'chain_link-1.0'])
    assert.ok(index.requestsTo('/files/anchor-1.0-py3-none-any.whl.metadata').length > 0)
  })
}

test('a fake upstream answers, lies and remembers', async () => {
  await using upstream = await startFakeUpstream(
    byPath({
      '/page': body('hello', { etag: '"1"' }),
      '/short': breakAfter(Buffer.from('0123456789'), 4),
      '/circle': redirectInCircles,
    }),
  )

  const page = await fetch(upstream.url('page'))
  const same = await fetch(upstream.url('page'), { headers: { 'if-none-match': '"1"' } })
  const missing = await fetch(upstream.url('other'))
  const short = await fetch(upstream.url('short'))

  assert.equal(await page.text(), 'hello')
  assert.deepEqual([same.status, missing.status, short.status], [304, 404, 200])
  await assert.rejects(short.text())
  await assert.rejects(fetch(upstream.url('circle')))
  assert.equal(upstream.requestsTo('/page').length, 2)
})

test('a program that runs too long is killed together with what it started', async () => {
  await using client = await makeClient('clients')
  const script = 'import subprocess; print(1, flush=True); subprocess.run(["sleep", "600"])'

  const result = await client.run('python', ['-c', script], { timeoutMs: 500 })

  assert.equal(result.code, 137, result.output)
  assert.match(result.output, /killed after 500 ms/)
})

test('a target has nothing installed', async () => {
  await using client = await makeClient('clients')

  const target = await makeTarget(client)

  assert.deepEqual(await target.installed(), [])
})
