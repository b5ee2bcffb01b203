/** `devpi push`: releases copied to another index of the server. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makePip } from '../../support/clients.ts'
import { actionsOf, linesOf, openDevpi } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'
import { startStaticIndex } from '../../support/static-index.ts'
import { makeSdist, makeWheel, makeZip } from '../../support/wheel.ts'

const bob = { user: 'bob', password: 'pw' }
const docs = {
  filename: 'anchor-1.0.doc.zip',
  bytes: makeZip([{ name: 'index.html', content: 'A' }]),
}

let site: Site
before(async () => {
  const names = ['dev', 'prod', 'nodocs', 'onlydocs', 'closed', 'mirrored']
  const volatile = { volatile: true }
  site = await startSite({
    stages: [...names.map((name) => ({ name: `ada/${name}`, ...volatile })), 'bob/prod'],
  })
  await using devpi = await openDevpi(site.url('ada/dev'))
  const release = [makeWheel('anchor', '1.0'), makeSdist('anchor', '1.0'), docs]
  assertDone(await devpi.upload([...release, makeWheel('anchor', '2.0')]))
})
after(() => site[Symbol.asyncDispose]())

// devpi-http 12: 124, 125
test('devpi push copies a release, with its documentation, to another index', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  await using pip = await makePip()

  const pushed = await devpi.ok('push', 'anchor==1.0', 'ada/prod')
  assert.deepEqual(
    actionsOf(pushed).map((line) => line.replace(/\+f\/.*\//, '+f/…/')),
    [
      '200 register anchor 1.0 -> ada/prod',
      '200 store_releasefile ada/prod/+f/…/anchor-1.0-py3-none-any.whl',
      '200 store_releasefile ada/prod/+f/…/anchor-1.0.tar.gz',
      '200 store_doczip anchor 1.0 -> ada/prod',
    ],
  )
  const listed = await devpi.ok('list', '--index', 'prod', '-v', '--all')
  assert.deepEqual(linesOf(listed), ['anchor==1.0'])
  const page = await fetch(site.url('ada/prod/anchor/1.0/+doc/index.html'))
  assert.equal(await page.text(), 'A')
  assertDone(await pip.install('anchor', site.url('ada/prod/+simple/')))
  assert.deepEqual(await pip.installed(), ['anchor-1.0'])
})

// devpi-http 12: 130
test('devpi push leaves documentation out, or takes nothing else', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))

  const without = actionsOf(await devpi.ok('push', '--no-docs', 'anchor==1.0', 'ada/nodocs'))
  assert.equal(without.length, 3)
  assert.doesNotMatch(without.join(), /doczip/)
  const only = actionsOf(await devpi.ok('push', '--only-docs', 'anchor==1.0', 'ada/onlydocs'))
  assert.match(only.join('\n'), /200 store_doczip anchor 1\.0 -> ada\/onlydocs/)
  assert.doesNotMatch(only.join(), /releasefile/)
  const both = await devpi.refused('push', '--no-docs', '--only-docs', 'anchor==1.0', 'ada/prod')
  assert.match(both, /Can't use '--no-docs' and '--only-docs' together/)
})

test('devpi push --index takes the release from another index than the current one', async () => {
  await using devpi = await openDevpi(site.url('ada/prod'))

  assert.equal(
    actionsOf(await devpi.ok('push', '--index', 'dev', 'anchor==2.0', 'ada/prod')).length,
    2,
  )
  assert.match(await devpi.ok('list', '-v', '--all'), /anchor==2\.0/)
})

// devpi-http 12: 127, 129
test('devpi push needs the right to upload there, and does not replace what is not volatile', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  await using other = await openDevpi(site.url('bob/prod'), bob)

  const noRight = await devpi.refused('push', 'anchor==1.0', 'bob/prod')
  assert.match(noRight, /^PUSH http\S+\/ada\/dev\n401 Unauthorized: .*bob\/prod/m)
  assert.match(await devpi.ok('use'), /logged in as ada/)
  assert.deepEqual(linesOf(await other.ok('list')), [])
  await other.ok('index', 'acl_upload+=ada')
  assert.equal(actionsOf(await devpi.ok('push', 'anchor==1.0', 'bob/prod')).length, 4)
  const again = await devpi.refused('push', 'anchor==1.0', 'bob/prod')
  assert.match(again, /^409 Conflict: /m)
})

// devpi-http 12: 128
test('devpi push says what is missing', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))

  const release = await devpi.refused('push', 'anchor==9.9', 'ada/prod')
  assert.match(release, /^400 Bad Request: there are no files for anchor 9\.9 on stage ada\/dev/m)
  const project = await devpi.refused('push', 'nothing==1.0', 'ada/prod')
  assert.match(project, /^400 Bad Request: there are no files for nothing 1\.0/m)
  const target = await devpi.refused('push', 'anchor==1.0', 'ada/nope')
  assert.match(target, /^404 Not Found: /m)
  assert.match(
    await devpi.refused('push', 'anchor', 'ada/prod'),
    /needs to be of this form: name==version/,
  )
  assert.match(
    await devpi.refused('push', 'anchor==1.0', 'prod'),
    /not of form USER\/NAME or pypi:REPONAME/,
  )
})

// devpi-http 12: 131
test('devpi push fetches a release of a mirror', async () => {
  await using upstream = await startStaticIndex([
    makeWheel('rope', '1.0'),
    makeSdist('rope', '1.0'),
  ])
  await using devpi = await openDevpi(site.url('ada/dev'))
  await devpi.ok('index', '-c', 'up', 'type=mirror', `mirror_url=${upstream.url('simple/')}`)
  await devpi.ok('use', 'ada/up')

  const pushed = actionsOf(await devpi.ok('push', 'rope==1.0', 'ada/mirrored'))
  await upstream.close()
  assert.equal(pushed.length, 3)
  await devpi.ok('use', 'ada/mirrored')
  for (const file of linesOf(await devpi.ok('list', 'rope'))) {
    assert.match(file, /\/ada\/mirrored\/\+f\/[0-9a-f]{3}\/[0-9a-f]{13}\/rope-1\.0/)
    assert.equal((await fetch(file)).status, 200)
  }
})
