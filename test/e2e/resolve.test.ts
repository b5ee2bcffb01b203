/** What pip, uv and poetry choose: by hash, Python, inheritance, yank, pre-release, extra and metadata. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makePip, makeUv, twine } from '../support/clients.ts'
import {
  assertDone,
  assertFailed,
  assertInstalls,
  installerNames,
  makeInstaller,
} from '../support/installers.ts'
import { startStaticIndex, type StaticFile } from '../support/static-index.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const wheelName = (name: string, version: string): string => `${name}-${version}-py3-none-any.whl`

/** A server with one stage that has these files. */
async function startWith(...files: readonly Distribution[]): Promise<Yard> {
  const yard = await startYard({ stages: ['ada/dev'] })
  assertDone(await twine.upload(files, yard.url('ada/dev/')))
  return yard
}

const simple = (yard: Yard, index = 'ada/dev'): string => yard.url(`${index}/+simple/`)

describe('a release with the hash of a requirements file is installed, another is not', () => {
  const options = ['--require-hashes', '--requirement']
  const [chain, other] = [makeWheel('chain', '1.0'), makeWheel('chain', '1.0', { content: '' })]
  const anchor = makeWheel('anchor', '1.0', { requiresDist: ['chain'] })
  const hashed = (...files: readonly Distribution[]): string =>
    files
      .map((file) => `${file.filename.split('-')[0]}==1.0 --hash=sha256:${file.sha256}`)
      .join('\n')

  for (const [name, makeTool] of Object.entries({ pip: makePip, uv: makeUv })) {
    test(`by ${name}`, async () => {
      await using yard = await startWith(anchor, chain)
      await using tool = await makeTool()
      const good = await tool.home.write('good.txt', hashed(anchor, chain))
      const bad = await tool.home.write('bad.txt', hashed(anchor, other))

      assertFailed(await tool.install([], simple(yard), ...options, bad), /hash/i)
      assert.deepEqual(await tool.installed(), [])
      assertDone(await tool.install([], simple(yard), ...options, good))
      assert.deepEqual(await tool.installed(), ['anchor-1.0', 'chain-1.0'])
    })
  }
})

test('a newer version that wants another Python is passed over', async () => {
  await using yard = await startWith(
    makeWheel('anchor', '1.0', { requiresPython: '>=3.8' }),
    makeWheel('anchor', '2.0', { requiresPython: '>=99' }),
    makeSdist('anchor', '3.0', { requiresPython: '>=99' }),
  )

  for (const name of installerNames) {
    await assertInstalls(name, 'anchor', { from: simple(yard), expected: ['anchor-1.0'] })
  }
})

describe('an index passes on what its bases have', () => {
  test('the newest of all of them is chosen, and dependencies come from any', async () => {
    const stages = ['ada/one', 'bea/two', { name: 'ada/dev', bases: ['ada/one', 'bea/two'] }]
    await using yard = await startYard({ stages })
    const bea = { user: 'bea', password: 'pw' }
    const newer = makeWheel('anchor', '2.0', { requiresDist: ['chain>=1', 'rope'] })
    assertDone(await twine.upload(makeWheel('rope', '1.0'), yard.url('ada/dev/')))
    assertDone(
      await twine.upload(
        [makeWheel('anchor', '1.0'), makeWheel('chain', '1.0')],
        yard.url('ada/one/'),
      ),
    )
    assertDone(await twine.upload(newer, yard.url('bea/two/'), bea))

    const expected = ['anchor-2.0', 'chain-1.0', 'rope-1.0']
    for (const name of installerNames) {
      await assertInstalls(name, 'anchor', { from: simple(yard), expected })
    }
  })

  test('the same file name on two of them is the nearer one', async () => {
    await using yard = await startYard({
      stages: ['ada/base', { name: 'ada/dev', bases: ['ada/base'] }],
    })
    const near = makeWheel('anchor', '1.0', { requiresDist: ['chain'] })
    const far = makeWheel('anchor', '1.0', { requiresDist: ['rope'] })
    assertDone(await twine.upload([far, makeWheel('rope', '1.0')], yard.url('ada/base/')))
    assertDone(await twine.upload([near, makeWheel('chain', '1.0')], yard.url('ada/dev/')))

    const expected = ['anchor-1.0', 'chain-1.0']
    await assertInstalls('uv', 'anchor', { from: simple(yard), expected })
    await assertInstalls('pip', 'anchor', { from: simple(yard), expected })
  })
})

/** A server whose stage has a mirror of these files as its base. */
async function startOver(files: readonly StaticFile[], options: Record<string, unknown> = {}) {
  const upstream = await startStaticIndex(files)
  const mirror = { name: 'ada/mirror', type: 'mirror', mirror_url: upstream.url('simple/') }
  const stage = { name: 'ada/dev', bases: ['ada/mirror'], ...options }
  const yard = await startYard({ stages: [mirror, stage] })
  return {
    yard,
    upstream,
    async [Symbol.asyncDispose]() {
      await yard[Symbol.asyncDispose]()
      await upstream.close()
    },
  }
}

describe('an own project hides a mirror’s project of the same name', () => {
  const foreign = [makeWheel('anchor', '9.0'), makeWheel('chain', '9.0')]
  const own = makeWheel('anchor', '1.0', { requiresDist: ['chain'] })

  test('so that nobody upstream can slip in a newer version', async () => {
    await using servers = await startOver(foreign)
    const { yard, upstream } = servers
    assertDone(await twine.upload(own, yard.url('ada/dev/')))

    for (const name of installerNames) {
      const expected = ['anchor-1.0', 'chain-9.0']
      await assertInstalls(name, 'anchor', { from: simple(yard), expected })
    }
    await using pip = await makePip()
    assertFailed(await pip.install('anchor==9.0', simple(yard)), /from versions: 1\.0\)/)
    assert.deepEqual(upstream.requestsTo('/simple/anchor/'), [])
  })

  test('unless the whitelist lets the mirror add to it', async () => {
    await using servers = await startOver(foreign, { mirror_whitelist: ['anchor'] })
    const { yard } = servers
    assertDone(await twine.upload(own, yard.url('ada/dev/')))

    for (const name of installerNames) {
      await assertInstalls(name, 'anchor', { from: simple(yard), expected: ['anchor-9.0'] })
    }
  })
})

describe('a yanked version', () => {
  const files = [
    makeWheel('anchor', '1.0'),
    { ...makeWheel('anchor', '2.0'), yanked: 'loses “anchors” & chains' },
  ]

  test('is passed over', async () => {
    await using servers = await startOver(files)

    for (const name of installerNames) {
      const from = simple(servers.yard)
      await assertInstalls(name, 'anchor', { from, expected: ['anchor-1.0'] })
    }
  })

  test('is installed where it is pinned, and pip, uv and poetry say why not to', async () => {
    await using servers = await startOver(files)

    for (const name of installerNames) {
      await using installer = await makeInstaller(name)
      const install = await installer.install('anchor==2.0', simple(servers.yard))
      assertDone(install)
      assert.match(install.output, /yanked.*loses “anchors” & chains/s, name)
      assert.deepEqual(await installer.installed(), ['anchor-2.0'])
    }
  })
})

test('a pre-release is chosen only where it is asked for', async () => {
  await using yard = await startWith(
    makeWheel('anchor', '1.0'),
    makeWheel('anchor', '2.0rc1'),
    makeWheel('anchor', '2.0.dev3'),
  )
  await using pip = await makePip()
  await using uv = await makeUv()

  for (const name of installerNames) {
    await assertInstalls(name, 'anchor', { from: simple(yard), expected: ['anchor-1.0'] })
    await assertInstalls(name, 'anchor>=2.0rc0', {
      from: simple(yard),
      expected: ['anchor-2.0rc1'],
    })
  }
  assertDone(await pip.install('anchor', simple(yard), '--pre'))
  assertDone(await uv.install('anchor', simple(yard), '--prerelease', 'allow'))
  assert.deepEqual(await pip.installed(), ['anchor-2.0rc1'])
  assert.deepEqual(await uv.installed(), ['anchor-2.0rc1'])
})

test('an extra brings its own dependencies, and markers leave some out', async () => {
  const anchor = makeWheel('anchor', '1.0', {
    headers: ['Provides-Extra: heavy'],
    requiresDist: ["chain>=1; extra == 'heavy'", "rope; python_version < '3'"],
  })
  await using yard = await startWith(anchor, makeWheel('chain', '1.0'), makeWheel('rope', '1.0'))

  for (const name of installerNames) {
    const from = simple(yard)
    await assertInstalls(name, 'anchor', { from, expected: ['anchor-1.0'] })
    await assertInstalls(name, 'anchor[heavy]', { from, expected: ['anchor-1.0', 'chain-1.0'] })
  }
})

test('pip and uv reject a version by its metadata, without loading the wheel', async () => {
  await using yard = await startWith(
    makeWheel('anchor', '1.0', { requiresDist: ['chain<2'] }),
    makeWheel('anchor', '2.0', { requiresDist: ['chain>=2'] }),
    makeWheel('chain', '1.0'),
  )

  for (const name of ['pip', 'uv'] as const) {
    await yard.restart() // and with that, a new log
    await assertInstalls(name, 'anchor', {
      from: simple(yard),
      expected: ['anchor-1.0', 'chain-1.0'],
    })

    const asked = filesAsked(yard)
    assert.ok(asked.includes(`${wheelName('anchor', '2.0')}.metadata`), asked.join('\n'))
    assert.ok(!asked.includes(wheelName('anchor', '2.0')), asked.join('\n'))
  }
})

test('a mirror passes on the metadata of its upstream', async () => {
  const files = [
    makeWheel('anchor', '1.0', { requiresDist: ['chain<2'] }),
    makeWheel('anchor', '2.0', { requiresDist: ['chain>=2'] }),
    makeWheel('chain', '1.0'),
  ]
  await using servers = await startOver(files)
  const { yard, upstream } = servers

  for (const name of ['pip', 'uv'] as const) {
    await assertInstalls(name, 'anchor', {
      from: simple(yard),
      expected: ['anchor-1.0', 'chain-1.0'],
    })
  }

  const newer = `/files/${wheelName('anchor', '2.0')}`
  assert.equal(upstream.requestsTo(`${newer}.metadata`).length, 1)
  assert.equal(upstream.requestsTo(newer).length, 0)
})

test('an sdist is built and installed where there is no wheel', async () => {
  await using yard = await startWith(
    makeSdist('anchor', '1.0', { requiresDist: ['chain'] }),
    makeSdist('chain', '1.0', { extension: '.zip' }),
  )

  for (const name of installerNames) {
    await assertInstalls(name, 'anchor', {
      from: simple(yard),
      expected: ['anchor-1.0', 'chain-1.0'],
    })
  }
})

/** Names of files and their metadata that somebody asked for, as the log has them. */
function filesAsked(yard: Yard): string[] {
  const paths = [...yard.log.matchAll(/"path":"([^"]*)"/g)].map(([, path = '']) => path)
  return paths.filter((path) => path.includes('/+f/') || path.includes('/%2Bf/')).map(lastPart)
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
