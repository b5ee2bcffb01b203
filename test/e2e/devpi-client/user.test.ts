/** `devpi user` and `passwd`: users made, changed, shown, listed and removed. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linesOf, makeDevpi, openDevpi, type Devpi } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'

let site: Site
before(async () => {
  site = await startSite({ stages: ['ada/dev'] })
})
after(() => site[Symbol.asyncDispose]())

async function atServer(): Promise<Devpi> {
  const devpi = await makeDevpi()
  await devpi.ok('use', site.url())
  return devpi
}

// devpi-http 12: 28, 31, 34, 35, 36, 38
test('devpi user makes, shows, changes, lists and removes users', async () => {
  await using devpi = await atServer()

  const made = await devpi.ok('user', '-c', 'eve', 'password=long enough', 'email=eva@example.org')
  assert.match(made, /user created: eve/)
  assert.match(await devpi.ok('login', 'eve', '--password=long enough'), /logged in 'eve'/)
  const modified = await devpi.ok('user', '-m', 'eve', 'title=Eve', 'email=')
  assert.match(modified, /\/eve changing title: Eve\nuser modified: eve/)
  const shown = linesOf(await devpi.ok('user', 'eve'))
  assert.equal(shown[0], `${site.url('eve')}:`)
  assert.deepEqual(
    shown.slice(1).map((line) => line.replace(/=\d.*/, '=…')),
    ['  created=…', '  modified=…', '  title=Eve'],
  )
  assert.deepEqual(await devpi.ok('user'), await devpi.ok('user', 'eve'))
  assert.deepEqual(linesOf(await devpi.ok('user', '-l')), ['ada', 'eve', 'root'])
  const password = await devpi.ok('user', 'eve', 'password=another one')
  assert.match(password, /changing password: \*{8}\nuser modified: eve/)
  assert.match(await devpi.ok('use'), /logged in as eve/)
  assert.match(await devpi.ok('user', '-y', '--delete', 'eve'), /user deleted: eve/)
  assert.doesNotMatch(await devpi.ok('user', '-l'), /eve/)
  assert.match(await devpi.ok('use'), /\(not logged in\)/)
})

test('devpi passwd asks twice for a new password, after which the old one is worth nothing', async () => {
  await using devpi = await atServer()
  await devpi.ok('user', '-c', 'pia', 'password=long enough')
  await devpi.ok('login', 'pia', '--password=long enough')

  const passwd = await devpi.devpi(['passwd'], { input: 'even longer\neven longer\n' })
  assertDone(passwd)
  assert.match(passwd.output, /user modified: pia/)
  assert.match(await devpi.ok('use'), /logged in as pia/)
  assert.match(await devpi.refused('login', 'pia', '--password=long enough'), /401 Unauthorized/)
  assert.match(await devpi.ok('login', 'pia', '--password=even longer'), /logged in 'pia'/)
})

// devpi-http 12: 1, 32, 33
test('devpi prints why a user is not made', async () => {
  await using devpi = await atServer()

  const taken = await devpi.refused('user', '-c', 'root', 'password=x')
  const badName = await devpi.refused('user', '-c', 'a!b', 'password=x')
  const unknown = await devpi.refused('user', '-c', 'una', 'password=x', 'shoe=44')

  assert.match(taken, /409 Conflict: user already exists/)
  assert.match(badName, /400 Bad Request: username 'a!b' contains characters that aren't allowed/)
  assert.match(unknown, /400 Bad Request: .*shoe/)
  assert.doesNotMatch(await devpi.ok('user', '-l'), /a!b|una/)
})

// devpi-http 12: 39, 41
test('devpi prints why a user is not changed or removed', async () => {
  await using devpi = await openDevpi(site.url())
  await devpi.ok('user', '-c', 'bob', 'password=pw')

  const other = await devpi.refused('user', '-m', 'bob', 'title=Bob')
  const removed = await devpi.refused('user', '-y', '--delete', 'bob')
  const root = await devpi.refused('user', '-y', '--delete', 'root')
  const missing = await devpi.refused('user', 'nobody')
  await devpi.ok('login', 'root', '--password=')
  const byRoot = await devpi.refused('user', '-y', '--delete', 'nobody')
  const itself = await devpi.refused('user', '-y', '--delete', 'root')

  assert.match(other, /403 Forbidden/)
  assert.match(removed, /403 Forbidden/)
  assert.match(root, /403 Forbidden/)
  assert.match(missing, /404 Not Found/)
  assert.match(byRoot, /404 Not Found/)
  assert.match(itself, /403 Forbidden/)
  await devpi.ok('user', '-y', '--delete', 'bob')
})

// devpi-http 12: 40
test('a user with an index that is not volatile stays', async () => {
  await using devpi = await openDevpi(site.url())

  const refused = await devpi.refused('user', '-y', '--delete', 'ada')
  assert.match(refused, /403 Forbidden: .*non-volatile/)
  assert.match(await devpi.ok('user', '-l'), /^ada$/m)
})

test('a question answered with no changes nothing', async () => {
  await using devpi = await openDevpi(site.url())

  const asked = await devpi.devpi(['user', '--delete', 'ada'], { input: 'no\n' })
  assertDone(asked)
  assert.match(asked.output, /About to remove: \S+\/ada/)
  assert.doesNotMatch(asked.output, /deleted/)
})
