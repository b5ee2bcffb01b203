/** `devpi getjson` and `patchjson`: what scripts read and change. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openDevpi, type Devpi } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'
import { makeWheel } from '../../support/wheel.ts'

const bob = { user: 'bob', password: 'pw' }

interface Json {
  readonly type?: string
  readonly result?: Record<string, unknown>
  readonly message?: string
}

let site: Site
before(async () => {
  site = await startSite({ stages: ['ada/dev', 'bob/dev'] })
})
after(() => site[Symbol.asyncDispose]())

async function getJson(devpi: Devpi, path: string): Promise<Json> {
  return JSON.parse(await devpi.ok('getjson', path)) as Json
}

// devpi-http 12: 2, 60
test('devpi getjson prints nothing but JSON, by a path below the index or from the root', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  assertDone(await devpi.upload(makeWheel('anchor', '1.0')))

  const types: Record<string, string | undefined> = {}
  const paths = ['/', '/ada', '/ada/dev', '/+api', '/ada/dev/+api', 'anchor', 'anchor/1.0']
  for (const path of paths) types[path] = (await getJson(devpi, path)).type
  assert.deepEqual(types, {
    '/': 'list:userconfig',
    '/ada': 'userconfig',
    '/ada/dev': 'indexconfig',
    '/+api': 'apiconfig',
    '/ada/dev/+api': 'apiconfig',
    anchor: 'projectconfig',
    'anchor/1.0': 'versiondata',
  })
  assert.deepEqual((await getJson(devpi, '/ada/dev')).result?.['projects'], ['anchor'])
  const bare = await getJson(devpi, '/ada/dev?no_projects=')
  assert.ok(bare.result && !('projects' in bare.result))
  const release = await getJson(devpi, site.url('ada/dev/anchor/1.0'))
  const [link] = (release.result?.['+links'] ?? []) as Record<string, unknown>[]
  assert.deepEqual(Object.keys(link ?? {}).toSorted(), [
    'hash_spec',
    'hashes',
    'href',
    'log',
    'rel',
  ])
})

// devpi-http 12: 3
test('devpi getjson -v shows the headers too', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))

  const shown = await devpi.ok('getjson', '-v', '/+status')
  assert.match(
    shown,
    new RegExp(`^GET REQUEST sent to ${RegExp.escape(site.url('+status'))}$`, 'm'),
  )
  assert.match(shown, /^CONTENT-TYPE: application\/json$/m)
  assert.match(shown, /^X-DEVPI-API-VERSION: 2$/m)
  assert.match(shown, /^X-DEVPI-SERIAL: \d+$/m)
  assert.match(shown, /"versioninfo"/)
})

// devpi-http 12: 1, 5
test('devpi getjson ends with 1 and the reason when there is nothing', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))

  assert.match(await devpi.refused('getjson', 'nothing'), /404 Not Found: no project 'nothing'/)
  assert.match(await devpi.refused('getjson', '/ada/nope'), /404 Not Found: The stage ada\/nope/)
  assert.match(await devpi.refused('getjson', 'nothing/1.0'), /404 Not Found/)
})

// devpi-http 12: 54
test('devpi patchjson changes an index, with an object, a list of changes, or what it had read', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  const patch = async (content: unknown): Promise<Json> => {
    const file = await devpi.home.write('patch.json', JSON.stringify(content))
    const [sent, ...json] = (await devpi.ok('patchjson', '/ada/dev', file)).split('\n')
    assert.equal(sent, `PATCH REQUEST sent to ${site.url('ada/dev')}`)
    return JSON.parse(json.join('\n')) as Json
  }

  const titled = await patch({ title: 'By object' })
  assert.equal(titled.type, 'indexconfig')
  assert.equal(titled.result?.['title'], 'By object')
  const listed = await patch(['title=By list', 'acl_upload+=bob'])
  assert.deepEqual(listed.result?.['acl_upload'], ['ada', 'bob'])
  const echoed = await patch((await getJson(devpi, '/ada/dev')).result)
  assert.deepEqual(echoed.result, listed.result)
})

test('devpi patchjson reads from standard input', async () => {
  await using devpi = await openDevpi(site.url('bob/dev'), bob)
  const input = JSON.stringify({ title: 'From stdin' })

  assertDone(await devpi.devpi(['patchjson', '/bob/dev', '-'], { input }))
  assert.equal((await getJson(devpi, '/bob/dev')).result?.['title'], 'From stdin')
})

test('devpi patchjson says what it may not change', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'), bob)
  const file = await devpi.home.write('patch.json', '{"volatile": true}')
  const wrong = await devpi.home.write('wrong.json', '{"volatile": "perhaps"}')

  assert.match(await devpi.refused('patchjson', '/ada/dev', file), /403 Forbidden/)
  assert.match(await devpi.refused('patchjson', '/bob/dev', wrong), /400 Bad Request/)
  assert.equal((await getJson(devpi, '/ada/dev')).result?.['volatile'], false)
})
