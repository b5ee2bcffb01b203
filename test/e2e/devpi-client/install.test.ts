/** `devpi install` and `refresh`: pip called with the index and the login, and mirrors asked anew. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linesOf, openDevpi, type Devpi } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone, assertFailed } from '../../support/installers.ts'
import { startStaticIndex, staticIndex } from '../../support/static-index.ts'
import { makeSdist, makeWheel } from '../../support/wheel.ts'

const bob = { user: 'bob', password: 'pw' }

let site: Site
before(async () => {
  site = await startSite({ stages: ['ada/dev', 'ada/other', 'bob/dev'] })
})
after(() => site[Symbol.asyncDispose]())

/** Makes a virtual environment for the client to install into; the client remembers it. */
async function useVenv(devpi: Devpi): Promise<void> {
  assertDone(await devpi.run('virtualenv', ['--quiet', devpi.home.join('venv')]))
  const use = await devpi.ok('use', '--venv', devpi.home.join('venv'))
  assert.match(use, /venv for install\/set commands: \S+\/venv/)
}

/** `name version` of what is installed, without the installers themselves. */
async function installed(devpi: Devpi): Promise<string[]> {
  const listed = await devpi.ok('install', '-l')
  return [...listed.matchAll(/^(\w+) +(\d\S*)\s*$/gm)]
    .filter(([, name = '']) => !['pip', 'setuptools'].includes(name))
    .map(([, name, version]) => `${name} ${version}`)
}

// devpi-http 12: 23
test('devpi install installs from the index with its login, which it does not show', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  const rope = makeSdist('rope', '1.0')
  const anchor = makeWheel('anchor', '1.0', { requiresDist: ['rope'] })
  assertDone(await devpi.upload([anchor, rope, makeWheel('anchor', '2.0rc1')]))
  await useVenv(devpi)

  const install = await devpi.ok('install', 'anchor==1.0')
  assert.match(install, /PIP_INDEX_URL=\S+\*{4}@127\.0\.0\.1:\d+\/ada\/dev\/\+simple\//)
  assert.match(install, /Successfully installed anchor-1\.0 rope-1\.0/)
  assert.deepEqual(await installed(devpi), ['anchor 1.0', 'rope 1.0'])
  const upgrade = await devpi.ok('install', 'anchor')
  assert.match(upgrade, /Successfully installed anchor-2\.0rc1/)
})

test('devpi install takes a list of requirements, and another index', async () => {
  await using devpi = await openDevpi(site.url('ada/other'))
  assertDone(await devpi.upload([makeWheel('chain', '1.0'), makeWheel('chain', '2.0')]))
  await devpi.ok('use', 'ada/dev')
  await useVenv(devpi)
  const list = await devpi.home.write('requirements.txt', 'chain<2\n')

  await devpi.ok('install', '--index', 'ada/other', '-r', list)
  assert.deepEqual(await installed(devpi), ['chain 1.0'])
  const missing = await devpi.devpi(['install', 'chain==3.0'])
  assertFailed(missing, /No matching distribution found for chain==3\.0/)
})

// devpi-http 12: 145
test('devpi refresh makes a mirror look upstream before its time', async () => {
  await using upstream = await startStaticIndex([makeWheel('rope', '1.0')])
  await using devpi = await openDevpi(site.url('ada/dev'))
  const mirror = ['type=mirror', `mirror_url=${upstream.url('simple/')}`]
  await devpi.ok('index', '-c', 'up', ...mirror, 'mirror_cache_expiry=86400')
  await devpi.ok('use', 'ada/up')
  const versions = async (): Promise<string[]> =>
    linesOf(await devpi.ok('list', 'rope')).map((file) => /rope-([\d.]+)-/.exec(file)?.[1] ?? file)

  assert.deepEqual(await versions(), ['1.0'])
  upstream.answerWith(staticIndex([makeWheel('rope', '1.0'), makeWheel('rope', '2.0')]))
  assert.deepEqual(await versions(), ['1.0'])
  const refresh = await devpi.ok('refresh', 'rope')
  assert.deepEqual(linesOf(refresh), ['Refreshed rope'])
  assert.deepEqual(await versions(), ['2.0', '1.0'])
  assert.deepEqual(linesOf(await devpi.ok('refresh', '--index', 'up', 'rope')), ['Refreshed rope'])
  assert.match(await devpi.ok('refresh', 'nothing'), /Couldn't refresh nothing via \S+: \d+ /)
})

// devpi-http 12: 145
test('anybody may ask for a refresh', async () => {
  await using upstream = await startStaticIndex([makeWheel('rope', '1.0')])
  await using devpi = await openDevpi(site.url('bob/dev'), bob)
  await devpi.ok('index', '-c', 'up', 'type=mirror', `mirror_url=${upstream.url('simple/')}`)
  await devpi.ok('use', 'bob/up')
  await devpi.ok('logoff')

  assert.deepEqual(linesOf(await devpi.ok('refresh', 'rope')), ['Refreshed rope'])
})
