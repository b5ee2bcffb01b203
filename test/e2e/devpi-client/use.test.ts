/** `devpi use`, `login` and `logoff`: the server, the index, who one is, and what pip and uv are told. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { linesOf, makeDevpi, openDevpi } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'
import { makeWheel } from '../../support/wheel.ts'

const UP = { name: 'ada/up', type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' }

let site: Site
before(async () => {
  site = await startSite({ stages: ['ada/dev', 'ada/prod', UP] })
})
after(() => site[Symbol.asyncDispose]())

// devpi-http 12: 3, 11, 12, 15, 20
test('devpi use shows the server or index, what it can do, and who is logged in', async () => {
  await using devpi = await makeDevpi()

  const anonymous = await devpi.ok('use', site.url())
  const login = await devpi.ok('login', 'root', '--password=')
  const known = await devpi.ok('use')
  const index = await devpi.ok('use', 'ada/dev')
  const urls = await devpi.ok('use', '--urls')

  assert.match(anonymous, /using server: http:\/\/127\.0\.0\.1:\d+\/ \(not logged in\)/)
  assert.match(anonymous, /no current index: type 'devpi use -l' to discover indices/)
  assert.match(login, /logged in 'root', credentials valid for 10\.00 hours/)
  assert.match(known, /\(logged in as root\)/)
  assert.match(index, /current devpi index: \S+\/ada\/dev \(logged in as root\)/)
  const features = 'push-no-docs, push-only-docs, push-register-project, server-keyvalue-parsing'
  assert.match(index, new RegExp(`^supported features: ${features}$`, 'm'))
  const address = (path: string): string => RegExp.escape(site.url(path))
  assert.match(urls, new RegExp(`^ +login: ${address('+login')}$`, 'm'))
  assert.match(urls, new RegExp(`^ +pypisubmit: ${address('ada/dev/')}$`, 'm'))
  assert.match(urls, new RegExp(`^ +simpleindex: ${address('ada/dev/+simple/')}$`, 'm'))
  assert.doesNotMatch(`${anonymous}${login}${known}${index}${urls}`, /API/)
})

test('devpi use changes between indexes by address, by path and by name', async () => {
  await using devpi = await openDevpi(site.url('ada/dev/'))

  assert.match(await devpi.ok('use', 'prod'), /current devpi index: \S+\/ada\/prod \(/)
  assert.match(await devpi.ok('use', '/ada/dev'), /current devpi index: \S+\/ada\/dev \(/)
  assert.match(
    await devpi.ok('use', site.url('ada/prod')),
    /current devpi index: \S+\/ada\/prod \(/,
  )
  const list = linesOf(await devpi.ok('use', '-l'))
  assert.deepEqual(
    list.map((line) => line.split(/\s+/)),
    [
      ['ada/dev', 'bases=', 'volatile=False'],
      ['ada/prod', 'bases=', 'volatile=False'],
      ['ada/up', 'bases=', 'volatile=False'],
    ],
  )
  assert.deepEqual(linesOf(await devpi.ok('use', '-l', '--user', 'ada')), list)
  await devpi.ok('use', '--delete')
  assert.match(await devpi.ok('use'), /no server: type 'devpi use URL'/)
})

// devpi-http 12: 14
test('devpi use says that an index is missing', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))

  const missing = await devpi.refused('use', 'ada/nope')
  assert.match(missing, /404 Not Found: The stage ada\/nope could not be found/)
  assert.match(await devpi.ok('use'), /current devpi index: \S+\/ada\/dev \(logged in as ada\)/)
})

// devpi-http 12: 1, 21
test('devpi login says why it is refused, and logoff forgets the token', async () => {
  await using devpi = await makeDevpi()
  await devpi.ok('use', site.url('ada/dev'))

  const wrong = await devpi.refused('login', 'ada', '--password=wrong')
  assert.match(wrong, /401 Unauthorized: user 'ada' could not be authenticated/)
  const nobody = await devpi.refused('login', 'nobody', '--password=pw')
  assert.match(nobody, /401 Unauthorized: user 'nobody' could not be authenticated/)
  const login = await devpi.ok('login', 'ada', '--password=pw')
  assert.match(login, /logged in 'ada' at '\S+\/ada\/dev', credentials valid for 10\.00 hours/)
  assert.match(await devpi.ok('logoff'), /login information deleted/)
  assert.match(await devpi.ok('logoff'), /not logged in/)
  assert.match(await devpi.ok('use'), /\(not logged in\)/)
})

test('devpi use keeps the logins of several users, and changes between them', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  await devpi.ok('login', 'root', '--password=')

  assert.match(await devpi.ok('use'), /logged in as root/)
  assert.match(await devpi.ok('use', '--user', 'ada'), /logged in as ada/)
  assert.match(await devpi.ok('use'), /logged in as ada/)
})

// devpi-http 12: 13
test('a mirror takes no uploads, which the client knows before it sends anything', async () => {
  await using devpi = await openDevpi(site.url('ada/up'))

  assert.match(await devpi.ok('use', '--urls'), /^ +pypisubmit: None$/m)
  const upload = await devpi.upload(makeWheel('anchor', '1.0'))
  assert.equal(upload.code, 1)
  assert.match(upload.output, /does not support upload\.\nMost likely, it is a mirror\./)
})

test('DEVPI_INDEX names the index for one command', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  const env = { DEVPI_INDEX: 'ada/prod' }

  const once = await devpi.devpi(['use'], { env })
  assertDone(once)
  assert.match(once.output, /Using DEVPI_INDEX from environment: ada\/prod/)
  assert.match(once.output, /current devpi index: \S+\/ada\/prod \(logged in as ada\)/)
  assert.match(await devpi.ok('use'), /current devpi index: \S+\/ada\/dev \(/)
})

test('devpi use --set-cfg tells pip and uv the index, which then install from it', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))
  assertDone(await devpi.upload(makeWheel('configured', '1.0')))
  const env = { PIP_CONFIG_FILE: devpi.home.join('pip.conf'), UV_NO_CONFIG: '0' }
  const into = (folder: string): string[] => ['--target', devpi.home.join(folder), 'configured']

  const set = await devpi.devpi(['use', '--set-cfg', '--pip-set-trusted=yes'], { env })
  const withPip = await devpi.run('pip', ['install', ...into('by-pip')], { env })
  const withUv = await devpi.run('uv', ['pip', 'install', ...into('by-uv')], { env })

  assertDone(set)
  const simple = site.url('ada/dev/+simple/')
  assert.match(set.output, new RegExp(`pip\\.conf: ${RegExp.escape(simple)}`))
  assert.match(set.output, new RegExp(`uv\\.toml: ${RegExp.escape(simple)}`))
  const pipConf = await readFile(env.PIP_CONFIG_FILE, 'utf8')
  assert.match(pipConf, new RegExp(`^index_url = ${RegExp.escape(simple)}$`, 'm'))
  assert.match(pipConf, /^trusted-host = 127\.0\.0\.1$/m)
  assertDone(withPip)
  assert.match(withPip.output, /Successfully installed configured-1\.0/)
  assertDone(withUv)
  assert.match(withUv.output, /configured==1\.0/)
})

test('devpi --version tells what the server runs', async () => {
  await using devpi = await openDevpi(site.url('ada/dev'))

  const version = await devpi.ok('--version')
  assert.match(version, /^devpi-client 7\.3\.0\n/)
  assert.match(version, /^current devpi server: http:\S+\/\n( {4}[\w-]+ \S+\n)+$/m)
})
