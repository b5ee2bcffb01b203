/** Installing through mirrors: what is here already, what is not, and what happens without the upstream. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { targetIn, type DistributionFile } from '../support/client.ts'
import { makePip, makeUv, twine, type Uv } from '../support/clients.ts'
import { startFakeUpstream, type Answer } from '../support/fake-upstream.ts'
import { assertDone, assertFailed, assertInstalls, installerNames } from '../support/installers.ts'
import { realWheels } from '../support/real-tree.ts'
import { startRelay, type Relay } from '../support/relay.ts'
import { startStaticIndex, staticIndex } from '../support/static-index.ts'
import { startDevpiServer, startPypiserver } from '../support/upstream.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

interface Upstream extends AsyncDisposable {
  url(path?: string): string
}

interface Kind {
  /** The path of its simple index. */
  readonly simple: string
  readonly start: (files: readonly DistributionFile[]) => Promise<Upstream>
}

const kinds: Readonly<Record<string, Kind>> = {
  pypiserver: { simple: 'simple/', start: startPypiserver },
  'a devpi-server': {
    simple: 'ada/up/+simple/',
    start: async (files) => filled(await startDevpiServer({ stages: ['ada/up'] }), files),
  },
  'a second Wheelyard': {
    simple: 'ada/up/+simple/',
    start: async (files) => filled(await startYard({ stages: ['ada/up'] }), files),
  },
}

async function filled<U extends Upstream>(server: U, files: readonly DistributionFile[]) {
  assertDone(await twine.upload(files, server.url('ada/up/')))
  return server
}

/** A stage over a mirror that asks its upstream each time. */
function startOver(mirrorUrl: string): Promise<Yard> {
  const mirror = { type: 'mirror', mirror_url: mirrorUrl, mirror_cache_expiry: 0 }
  return startYard({
    stages: [
      { name: 'ada/mirror', ...mirror },
      { name: 'ada/dev', bases: ['ada/mirror'] },
    ],
  })
}

/** Names of the wheels that were loaded from upstream, whole or in parts. */
const wheelsAsked = ({ requests }: Pick<Relay, 'requests'>): string[] =>
  [...new Set(requests.map(({ path }) => path.split('/').at(-1) ?? ''))]
    .filter((name) => name.endsWith('.whl'))
    .toSorted()

/** Those of requests for the whole of it. An answer to a request for a part may be the whole as well. */
const wheelsLoaded = ({ requests }: Pick<Relay, 'requests'>): string[] =>
  requests
    .filter(({ headers }) => headers.range === undefined)
    .map(({ path }) => path.split('/').at(-1) ?? '')
    .filter((name) => name.endsWith('.whl'))

describe('a mirror has what it has seen, also when its upstream is stopped', () => {
  for (const [name, { simple, start }] of Object.entries(kinds)) {
    test(`which is ${name}`, async () => {
      const real = await realWheels('requests', 'urllib3', 'idna', 'certifi', 'charset_normalizer')
      const anchor = makeWheel('anchor', '1.0', { requiresDist: ['requests'] })
      const files = [anchor, makeWheel('buoy', '1.0'), ...real]
      const expected = [anchor, ...real].map(stemOf).toSorted()
      const first = await start(files)
      await using relay = await startRelay(first.url())
      await using yard = await startOver(relay.url(simple))
      const from = yard.url('ada/dev/+simple/')

      // Cold: each file once, however many ask for it at the same time.
      const installs = installerNames.map((tool) =>
        assertInstalls(tool, 'anchor', { from, expected }),
      )
      await Promise.all(installs)
      assert.deepEqual(wheelsAsked(relay), filenames([anchor, ...real]))
      assert.deepEqual(wheelsLoaded(relay), [...new Set(wheelsLoaded(relay))])

      // Warm: upstream is only asked whether something is new.
      relay.forget()
      for (const tool of installerNames) await assertInstalls(tool, 'anchor', { from, expected })
      assert.deepEqual(wheelsAsked(relay), [])
      assert.notEqual(relay.requests.length, 0)

      // Stopped: what is known is installed, what is not says why.
      await first[Symbol.asyncDispose]()
      await relay.cut()
      for (const tool of installerNames) await assertInstalls(tool, 'anchor', { from, expected })
      await assertUnreachable('buoy', from)

      // Back: what was not known is, and so is what is new, for who does not wait until the mirror asks again.
      await using second = await start([...files, makeWheel('anchor', '2.0')])
      await relay.join(second.url())
      await refresh(yard, 'buoy')
      await assertInstalls('uv', 'buoy', { from, expected: ['buoy-1.0'] })
      await refresh(yard, 'anchor')
      await assertInstalls('pip', 'anchor', { from, expected: ['anchor-2.0'] })
    })
  }
})

async function assertUnreachable(project: string, from: string): Promise<void> {
  await using pip = await makePip()
  await using uv = await makeUv()
  const page = await fetch(`${from}${project}/`)
  assert.equal(page.status, 502)
  assert.match(await page.text(), /http:.*connection refused/)
  assertFailed(await pip.install(project, from), /No matching distribution|502/)
  assertFailed(await uv.install(project, from), /502/)
}

async function refresh(yard: Yard, project: string): Promise<void> {
  const url = yard.url(`ada/dev/+simple/${project}/refresh`)
  const response = await fetch(url, { method: 'POST' })
  assert.equal(response.status, 200)
}

test('a mirror of a mirror hands on what the first upstream says', async () => {
  const chain = makeWheel('chain', '1.0')
  const future = { requiresPython: '>=99' }
  await using upstream = await startStaticIndex([
    makeWheel('anchor', '1.0', { requiresDist: ['chain'] }),
    { ...makeWheel('anchor', '2.0'), yanked: 'broken' },
    { ...makeWheel('anchor', '3.0', future), ...future },
    chain,
  ])
  await using near = await startOver(upstream.url('simple/'))
  await using far = await startOver(near.url('ada/mirror/+simple/'))
  const from = far.url('ada/dev/+simple/')

  for (const tool of installerNames) {
    await assertInstalls(tool, 'anchor', { from, expected: ['anchor-1.0', 'chain-1.0'] })
  }
  await assertInstalls('pip', 'anchor==2.0', { from, expected: ['anchor-2.0'] })
  assert.equal(upstream.requestsTo(`/files/${chain.filename}`).length, 1)
})

describe('credentials in the address of the upstream', () => {
  const secret = 'open-sesame'
  const files = [makeWheel('anchor', '1.0', { requiresDist: ['chain'] }), makeWheel('chain', '1.0')]
  const guarded: Answer = (request, response) => {
    const right = `Basic ${Buffer.from(`reader:${secret}`).toString('base64')}`
    if (request.headers.authorization === right) return staticIndex(files)(request, response)
    response.writeHead(401, { 'www-authenticate': 'Basic realm="upstream"' }).end('who are you?')
  }
  const withLogin = (url: string, password: string): string =>
    url.replace('://', `://reader:${password}@`)

  test('open it, and are shown to nobody who installs', async () => {
    await using upstream = await startFakeUpstream(guarded)
    await using yard = await startOver(withLogin(upstream.url('simple/'), secret))
    const from = yard.url('ada/dev/+simple/')

    for (const tool of installerNames) {
      await assertInstalls(tool, 'anchor', { from, expected: ['anchor-1.0', 'chain-1.0'] })
    }

    const page = await fetch(`${from}anchor/`)
    assert.ok(!(await page.text()).includes(secret))
    assert.ok(!yard.log.includes(secret))
  })

  test('are reported when they are wrong, without the password', async () => {
    await using upstream = await startFakeUpstream(guarded)
    await using yard = await startOver(withLogin(upstream.url('simple/'), 'mistyped'))

    const page = await fetch(yard.url('ada/dev/+simple/anchor/'))
    const text = await page.text()

    assert.equal(page.status, 502)
    assert.match(text, /401 status on GET &#39;http:/)
    assert.ok(!text.includes('mistyped') && !yard.log.includes('mistyped'))
  })
})

describe('a lock file works against a mirror that has not seen its files', () => {
  const files = [makeWheel('anchor', '1.0', { requiresDist: ['chain'] }), makeWheel('chain', '1.0')]
  const expected = ['anchor-1.0', 'chain-1.0']

  test('that of uv', async () => {
    await using upstream = await startStaticIndex(files)
    await using old = await startOver(upstream.url('simple/'))
    await using relay = await startRelay(old.url())
    await using fresh = await startOver(upstream.url('simple/'))
    const index = relay.url('ada/mirror/+simple/')
    await using author = await makeUv()
    await using colleague = await makeUv()

    assertDone(await runUv(author, ['lock', '--default-index', index]))
    const lock = await readFile(author.home.join('uv.lock'))
    await relay.join(fresh.url())
    relay.forget()
    await colleague.home.write('uv.lock', lock)
    assertDone(await runUv(colleague, ['sync', '--frozen', '--default-index', index]))

    assert.deepEqual(await targetIn(colleague.home.join('.venv')).installed(), expected)
    assert.ok(relay.requests.every(({ path }) => path.includes('/+f/')))
  })

  test('addresses of files, with pip and uv', async () => {
    await using upstream = await startStaticIndex(files)
    await using old = await startOver(upstream.url('simple/'))
    const paths = await Promise.all(
      ['anchor', 'chain'].map((name) => firstFile(old.url(`ada/mirror/+simple/${name}/`))),
    )

    for (const makeTool of [makePip, makeUv]) {
      await using fresh = await startOver(upstream.url('simple/'))
      await using tool = await makeTool()
      const urls = paths.map((path) => fresh.url(path))
      assertDone(await tool.install(urls, fresh.url('ada/dev/+simple/')))
      assert.deepEqual(await tool.installed(), expected)
    }
  })
})

/** In a project that needs anchor. */
async function runUv(uv: Uv, args: readonly string[]) {
  const project = '[project]\nname = "app"\nversion = "0"\nrequires-python = ">=3.11"\n'
  await uv.home.write('pyproject.toml', `${project}dependencies = ["anchor"]\n`)
  return uv.uv(args)
}

/** Path and fragment of a page's first file. */
async function firstFile(url: string): Promise<string> {
  const response = await fetch(url, { headers: { accept: 'application/vnd.pypi.simple.v1+json' } })
  const page = (await response.json()) as { files: { url: string; hashes: { sha256: string } }[] }
  const [file] = page.files
  assert.ok(file)
  return `${new URL(file.url, url).pathname}#sha256=${file.hashes.sha256}`
}

interface Named {
  readonly filename: string
}

const filenames = (files: readonly Named[]): string[] => files.map((f) => f.filename).toSorted()

/** `name-version`, as its `.dist-info` has it. */
const stemOf = ({ filename }: Named): string => filename.split('-').slice(0, 2).join('-')
