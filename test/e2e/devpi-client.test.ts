/** The unmodified devpi client: servers, logins, users and indexes from its command line. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeDevpi, type Devpi } from '../support/clients.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

let yard: Yard
before(async () => {
  yard = await startYard()
})
after(() => yard[Symbol.asyncDispose]())

/** Runs a command, which must succeed, and returns what it printed. */
async function ok(client: Devpi, ...args: string[]): Promise<string> {
  const { code, output } = await client.devpi(...args)
  assert.equal(code, 0, `devpi ${args.join(' ')}: ${output}`)
  return output
}

test('devpi use shows the server or index, what it can do, and who is logged in', async () => {
  await using devpi = await makeDevpi()

  const anonymous = await ok(devpi, 'use', yard.url())
  const login = await ok(devpi, 'login', 'root', '--password=')
  const known = await ok(devpi, 'use')
  await ok(devpi, 'index', '-c', 'dev')
  const index = await ok(devpi, 'use', 'root/dev')
  const urls = await ok(devpi, 'use', '--urls')

  assert.match(anonymous, /using server: http:\/\/127\.0\.0\.1:\d+\/ \(not logged in\)/)
  assert.match(login, /logged in 'root', credentials valid for 10\.00 hours/)
  assert.match(known, /\(logged in as root\)/)
  assert.match(index, /current devpi index: \S+\/root\/dev \(logged in as root\)/)
  const features = 'push-no-docs, push-only-docs, push-register-project, server-keyvalue-parsing'
  assert.match(index, new RegExp(`supported features: ${features}`))
  assert.match(urls, new RegExp(`simpleindex: ${RegExp.escape(yard.url('root/dev/+simple/'))}`))
  assert.match(urls, new RegExp(`pypisubmit: ${RegExp.escape(yard.url('root/dev/'))}`))
})

test('devpi user makes, shows, changes, lists and removes users', async () => {
  await using devpi = await makeDevpi()
  await ok(devpi, 'use', yard.url())

  assert.match(
    await ok(devpi, 'user', '-c', 'eve', 'password=long enough', 'email=eva@example.org'),
    /user created: eve/,
  )
  assert.match(await ok(devpi, 'login', 'eve', '--password=long enough'), /logged in 'eve'/)
  assert.match(await ok(devpi, 'user', '-m', 'eve', 'title=Eve', 'email='), /user modified: eve/)
  const shown = await ok(devpi, 'user', 'eve')
  assert.match(shown, /title=Eve/)
  assert.doesNotMatch(shown, /email|password|argon2/)
  assert.deepEqual((await ok(devpi, 'user', '-l')).trim().split('\n').slice(-2), ['eve', 'root'])
  assert.match(await ok(devpi, 'user', 'eve', 'password=another one'), /user modified: eve/)
  assert.match(await ok(devpi, 'use'), /logged in as eve/)
  assert.match(await ok(devpi, 'user', '-y', '--delete', 'eve'), /user deleted: eve/)
  assert.doesNotMatch(await ok(devpi, 'user', '-l'), /eve/)
})

test('devpi prints why something is refused', async () => {
  await using devpi = await makeDevpi()
  await ok(devpi, 'use', yard.url())

  const wrong = await devpi.devpi('login', 'root', '--password=wrong')
  const taken = await devpi.devpi('user', '-c', 'root', 'password=x')
  const badName = await devpi.devpi('user', '-c', 'a!b', 'password=x')

  assert.notEqual(wrong.code, 0)
  assert.match(wrong.output, /401 Unauthorized: user 'root' could not be authenticated/)
  assert.match(taken.output, /409 Conflict: user already exists/)
  assert.match(badName.output, /username 'a!b' contains characters that aren't allowed/)
})

test('devpi index makes, changes, shows, lists and removes indexes', async () => {
  await using devpi = await makeDevpi()
  await ok(devpi, 'use', yard.url())
  await ok(devpi, 'user', '-c', 'ada', 'password=pw')
  await ok(devpi, 'login', 'ada', '--password=pw')

  assert.match(await ok(devpi, 'index', '-c', 'base'), /ada\/base\?no_projects=:\n {2}type=stage/)
  const made = await ok(devpi, 'index', '-c', 'dev', 'bases=/ada/base', 'volatile=False')
  assert.match(made, /bases=ada\/base\n {2}volatile=False\n {2}acl_upload=ada/)
  assert.match(
    await ok(devpi, 'index', 'ada/dev', 'title=A=B', 'acl_upload+=bob'),
    /acl_upload=ada,bob/,
  )
  assert.match(
    await ok(devpi, 'index', 'ada/dev', 'bases-=ada/base', 'volatile=yes'),
    /volatile=True/,
  )
  const changed = await ok(devpi, 'index', 'ada/dev', 'title-=')
  assert.doesNotMatch(changed.split('\n').slice(1).join('\n'), /title/)
  assert.deepEqual((await ok(devpi, 'index', '-l')).trim().split('\n'), ['ada/base', 'ada/dev'])
  assert.match(await ok(devpi, 'use', '-l'), /ada\/base\s+bases=\s+volatile=True\nada\/dev\s/)
  assert.match(
    await ok(devpi, 'use', 'ada/dev'),
    /current devpi index: \S+\/ada\/dev \(logged in as ada\)/,
  )
  assert.match(await ok(devpi, 'index'), /type=stage/)
  assert.match(await ok(devpi, 'getjson', '/ada/dev'), /"type": "indexconfig"/)

  const missing = await devpi.devpi('index', '-c', 'bad', 'bases=ada/nope')
  assert.equal(missing.code, 1)
  assert.match(missing.output, /400 Bad Request: base index 'ada\/nope' does not exist/)
  assert.match(await ok(devpi, 'index', '-y', '--delete', 'dev'), /index deleted/)
  const gone = await devpi.devpi('use', 'ada/dev')
  assert.equal(gone.code, 1)
  assert.match(gone.output, /404 Not Found: The stage ada\/dev could not be found/)
})

test('devpi makes a mirror, whose credentials it shows to its owner only', async () => {
  await using devpi = await makeDevpi()
  await using other = await makeDevpi()
  await ok(devpi, 'use', yard.url())
  await ok(devpi, 'user', '-c', 'mia', 'password=pw')
  await ok(devpi, 'login', 'mia', '--password=pw')
  const url = 'mirror_url=http://reader:hidden@127.0.0.1:9/simple/'

  assert.match(await ok(devpi, 'index', '-c', 'up', 'type=mirror', url), /reader:hidden@/)
  assert.match(await ok(devpi, 'index', 'mia/up', 'mirror_cache_expiry=60'), /reader:hidden@/)
  await ok(other, 'use', yard.url())
  assert.match(
    await ok(other, 'index', '--no-projects', 'mia/up'),
    /mirror_url=http:\/\/\*\*\*@127/,
  )
})

test('devpi uploads and lists a release, and forgets its login', async () => {
  await using devpi = await makeDevpi()
  await ok(devpi, 'use', yard.url())
  await ok(devpi, 'user', '-c', 'uma', 'password=pw')
  await ok(devpi, 'login', 'uma', '--password=pw')
  await ok(devpi, 'index', '-c', 'dev')
  await ok(devpi, 'use', 'uma/dev')

  const upload = await devpi.upload(makeWheel('anchor', '1.0'))
  assert.equal(upload.code, 0, upload.output)
  assert.match(await ok(devpi, 'list'), /^anchor$/m)
  assert.match(await ok(devpi, 'logoff'), /login information deleted/)
  assert.match(await ok(devpi, 'use'), /\(not logged in\)/)
})

test('neither passwords nor tokens nor hashes get into the log', async () => {
  await using devpi = await makeDevpi()
  await ok(devpi, 'use', yard.url())
  await ok(devpi, 'user', '-c', 'pam', 'password=tell nobody')
  await ok(devpi, 'login', 'pam', '--password=tell nobody')
  await ok(devpi, 'use')
  const wrong = Buffer.from('pam:tell everybody').toString('base64')
  await fetch(yard.url('+api'), { headers: { authorization: `Basic ${wrong}` } })
  await fetch(yard.url('pam?password=tell+nobody'))
  await yard.kill('SIGTERM')

  assert.match(yard.log, /"path":"\/\+login"/)
  assert.doesNotMatch(yard.log, /tell|argon2|wheelyard-ey|hidden/)
  assert.ok(!yard.log.includes(wrong))
  await yard.restart()
})
