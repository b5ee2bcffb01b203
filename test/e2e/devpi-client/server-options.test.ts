/** What the devpi client's user sees of a server that lies below a path, or that restricts who may change things. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesOf, makeDevpi, type Devpi } from '../../support/devpi-client.ts'
import { isRealDevpi, startSite } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'
import { makeWheel, makeZip } from '../../support/wheel.ts'

// devpi-http 12: 16, 17
test('all commands work below a path', async () => {
  await using site = await startSite({ stages: ['ada/dev', 'ada/prod'], below: '/pkg' })
  await using devpi = await makeDevpi()
  await devpi.open(site.url('pkg/ada/dev'))
  const docs = { filename: 'anchor-1.0.doc.zip', bytes: makeZip([]) }
  const below = site.url('pkg/ada/')

  assert.match(await devpi.ok('use', 'dev'), /current devpi index: \S+\/pkg\/ada\/dev \(logged in/)
  const upload = await devpi.upload([makeWheel('anchor', '1.0'), docs])
  assertDone(upload)
  assert.ok(upload.output.includes(` to ${below}dev/\n`), upload.output)
  const [file = ''] = linesOf(await devpi.ok('list', 'anchor'))
  assert.ok(file.startsWith(`${below}dev/+f/`), file)
  await devpi.ok('push', 'anchor==1.0', 'ada/prod')
  const pushed = await devpi.ok('list', '--index', 'prod', 'anchor')
  assert.ok(pushed.includes(`${below}prod/+f/`), pushed)
  const install = ['install', '--no-deps', '--target', devpi.home.join('into'), 'anchor']
  const env = { PIP_INDEX_URL: `${below}dev/+simple/` }
  assertDone(await devpi.run('pip', install, { env }))
  assert.match(await devpi.ok('getjson', 'anchor/1.0'), /"rel": "doczip"/)
  assert.match(await devpi.ok('refresh', 'anchor'), /^Refreshed anchor$/m)
  await devpi.ok('remove', '-y', '-f', file)
  assert.match(await devpi.ok('index', 'ada/dev', 'title=Below'), /title=Below/)
  assert.match(await devpi.ok('use', '-l'), /^ada\/prod /m)
})

// devpi-http 12: 148
test('with --restrict-modify only those it names make and change users and indexes', async () => {
  await using site = await startSite({ args: ['--restrict-modify', 'root'] })
  await using root = await makeDevpi()
  await using devpi = await makeDevpi()
  await root.ok('use', site.url())
  await devpi.ok('use', site.url())

  assert.match(await devpi.refused('user', '-c', 'ada', 'password=pw'), /403 Forbidden/)
  await root.ok('login', 'root', '--password=')
  await root.ok('user', '-c', 'ada', 'password=pw')
  await root.ok('index', '-c', 'ada/dev')
  await devpi.ok('login', 'ada', '--password=pw')
  await devpi.ok('use', 'ada/dev')
  assert.match(await devpi.refused('index', '-c', 'mine'), /403 Forbidden/)
  assert.match(await devpi.refused('index', 'ada/dev', 'volatile=False'), /403 Forbidden/)
  assertDone(await devpi.upload(makeWheel('anchor', '1.0')))
  await changeOwnPassword(devpi)
})

/** The client sends back all that it knows of the user, which to devpi-server is more than a password. */
async function changeOwnPassword(devpi: Devpi): Promise<void> {
  const { code, output } = await devpi.devpi(['user', '-m', 'ada', 'password=new'])
  if (isRealDevpi) return assert.match(output, /403 Forbidden: no permission to modify user/)

  assert.equal(code, 0, output)
  assert.match(await devpi.ok('login', 'ada', '--password=new'), /logged in 'ada'/)
}
