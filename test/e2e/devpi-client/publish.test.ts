/** `devpi push`: releases published to an index elsewhere, which .pypirc names. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ada } from '../../support/client.ts'
import { makePip } from '../../support/clients.ts'
import { actionsOf, openDevpi, type Devpi } from '../../support/devpi-client.ts'
import { isRealDevpi, startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'
import { startPypiserver } from '../../support/upstream.ts'
import { makeSdist, makeWheel, makeZip } from '../../support/wheel.ts'

const bob = { user: 'bob', password: 'pw' }
const docs = {
  filename: 'anchor-1.0.doc.zip',
  bytes: makeZip([{ name: 'index.html', content: 'A' }]),
}

let site: Site
before(async () => {
  site = await startSite({ stages: [{ name: 'ada/dev', volatile: true }] })
  await using devpi = await openDevpi(site.url('ada/dev'))
  const release = [makeWheel('anchor', '1.0'), makeSdist('anchor', '1.0'), docs]
  assertDone(await devpi.upload([...release, makeWheel('anchor', '2.0')]))
})
after(() => site[Symbol.asyncDispose]())

async function withPypirc(devpi: Devpi, repository: string, login = ada): Promise<void> {
  const credentials = `username: ${login.user}\npassword: ${login.password}`
  const rc = `[distutils]\nindex-servers = out\n\n[out]\nrepository: ${repository}\n${credentials}\n`
  await devpi.home.write('.pypirc', rc)
}

// devpi-http 12: 132
test('devpi push publishes a release to an index elsewhere, which .pypirc names', async () => {
  await using elsewhere = await startPypiserver()
  await using devpi = await openDevpi(site.url('ada/dev'))
  await using pip = await makePip()
  await withPypirc(devpi, elsewhere.url())

  const pushed = await devpi.ok('push', '--no-docs', 'anchor==1.0', 'pypi:out')
  assert.match(pushed, /using pypirc \S+\/\.pypirc/)
  assert.deepEqual(
    actionsOf(pushed).map((line) => line.split(/\s+/).slice(0, 2).join(' ')),
    ['200 upload', '200 upload'],
  )
  assertDone(await pip.install('anchor', elsewhere.url('simple/')))
  assert.deepEqual(await pip.installed(), ['anchor-1.0'])
})

test('devpi push publishes to another devpi, documentation too, and shows what it refuses', async () => {
  await using elsewhere = await startSite({ stages: ['bob/dev'] })
  await using devpi = await openDevpi(site.url('ada/dev'))
  await withPypirc(devpi, elsewhere.url('bob/dev/'), bob)

  const pushed = actionsOf(await devpi.ok('push', 'anchor==1.0', 'pypi:out'))
  assert.equal(pushed.length, 3)
  const page = await fetch(elsewhere.url('bob/dev/anchor/1.0/+doc/index.html'))
  assert.equal(await page.text(), 'A')

  await withPypirc(devpi, elsewhere.url('bob/dev/'), { user: 'bob', password: 'wrong' })
  const refused = await devpi.refused('push', 'anchor==2.0', 'pypi:out')
  assert.match(refused, /^ {3}40[13] upload /m)
  assert.match(refused, /Failure during upload/)
})

test('devpi push --register-project registers the project there first', async () => {
  await using elsewhere = await startSite({ stages: ['bob/dev'] })
  await using devpi = await openDevpi(site.url('ada/dev'))
  await withPypirc(devpi, elsewhere.url('bob/dev/'), bob)

  const pushed = await devpi.ok(
    'push',
    '--register-project',
    '--no-docs',
    'anchor==2.0',
    'pypi:out',
  )
  assert.deepEqual(
    actionsOf(pushed).map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['200 register', '200 upload'],
  )
})

test('devpi push tells an index elsewhere that does not answer', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  await withPypirc(devpi, 'http://127.0.0.1:9/')

  const failed = await devpi.refused('push', 'anchor==2.0', 'pypi:out')
  assert.match(failed, isRealDevpi ? /^500 Internal/m : /^502 Bad Gateway/m)
  const section = await devpi.refused('push', 'anchor==2.0', 'pypi:other')
  assert.match(section, /Error while trying to read section 'other'/)
})
