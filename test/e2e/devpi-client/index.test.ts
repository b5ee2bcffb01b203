/** `devpi index`: stages and mirrors made, changed, shown, listed and removed. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linesOf, makeDevpi, type Devpi } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'

let site: Site
before(async () => {
  site = await startSite({ stages: ['ada/prod'] })
})
after(() => site[Symbol.asyncDispose]())

/** A client of a new user who is logged in. */
async function asNew(user: string): Promise<Devpi> {
  const devpi = await makeDevpi()
  await devpi.ok('use', site.url())
  await devpi.ok('user', '-c', user, 'password=pw')
  await devpi.ok('login', user, '--password=pw')
  return devpi
}

// devpi-http 12: 42, 43, 46, 60
test('devpi index makes and shows a stage with its default options', async () => {
  await using devpi = await asNew('sam')

  const made = await devpi.ok('index', '-c', 'dev')
  assert.deepEqual(linesOf(made), [
    `${site.url('sam/dev')}?no_projects=:`,
    '  type=stage',
    '  bases=',
    '  volatile=True',
    '  acl_upload=sam',
    '  acl_toxresult_upload=:ANONYMOUS:',
    '  mirror_whitelist=',
    '  mirror_whitelist_inheritance=intersection',
  ])
  const next = await devpi.ok('index', '-c', 'next', 'bases=/sam/dev,ada/prod', 'volatile=no')
  assert.match(next, /\n {2}bases=sam\/dev,ada\/prod\n {2}volatile=False\n/)
  assert.deepEqual(linesOf(await devpi.ok('index', '-l')), ['sam/dev', 'sam/next'])
  assert.deepEqual(linesOf(await devpi.ok('index', '-l', 'ada')), ['ada/prod'])
  await devpi.ok('use', 'sam/next')
  assert.match(await devpi.ok('index'), /^\S+\/sam\/next:\n {2}type=stage\n/)
})

// devpi-http 12: 46, 47, 49, 54, 55, 56
test('devpi index sets, adds to, takes from and drops options', async () => {
  await using devpi = await asNew('kim')
  await devpi.ok('index', '-c', 'dev', 'bases=ada/prod')
  const change = (...words: string[]): Promise<string> => devpi.ok('index', 'kim/dev', ...words)

  const titled = await change('title=A=B', 'acl_upload+=bob')
  assert.match(titled, /^\/kim\/dev title=A=B\n\/kim\/dev acl_upload\+=bob\n/)
  assert.match(titled, /\n {2}acl_upload=kim,bob\n[^]*\n {2}title=A=B\n/)
  assert.match(await change('acl_upload+=bob'), /\n {2}acl_upload=kim,bob\n/)
  assert.match(
    await change('acl_upload-=bob', 'volatile=no'),
    /volatile=False\n {2}acl_upload=kim\n/,
  )
  assert.match(await change('bases-=ada/prod', 'volatile=yes'), /bases=\n {2}volatile=True\n/)
  assert.match(await change('acl_upload=:anonymous:'), /acl_upload=:ANONYMOUS:\n/)
  assert.doesNotMatch(await change('title-='), /^ {2}title/m)
  await devpi.ok('use', 'kim/dev')
  assert.match(await devpi.ok('index', 'mirror_whitelist=*'), /\n {2}mirror_whitelist=\*\n/)
})

// devpi-http 12: 1, 47, 50, 51, 55, 56
test('devpi index says which option it refuses, and changes nothing', async () => {
  await using devpi = await asNew('lou')
  const before = await devpi.ok('index', '-c', 'dev')
  const refused = (...words: string[]): Promise<string> => devpi.refused('index', ...words)

  const noBase = await refused('-c', 'bad', 'bases=lou/nope')
  assert.match(noBase, /400 Bad Request: base index 'lou\/nope' does not exist/)
  assert.match(await refused('lou/dev', 'shoe=44'), /400 Bad Request: .*shoe/)
  assert.match(await refused('lou/dev', 'volatile=1'), /400 Bad Request/)
  assert.match(await refused('lou/dev', 'acl_upload-=bob'), /400 Bad Request: .*bob/)
  assert.match(
    await refused('lou/dev', 'bases-='),
    /400 Bad Request: Default values can't be removed/,
  )
  assert.match(await refused('lou/dev', 'type=mirror'), /400 Bad Request/)
  assert.deepEqual(linesOf(await devpi.ok('index', '-l')), ['lou/dev'])
  const [, ...options] = linesOf(await devpi.ok('index', 'lou/dev'))
  assert.deepEqual(options, linesOf(before).slice(1))
})

// devpi-http 12: 59
test("nobody makes, changes or removes another's index", async () => {
  await using devpi = await asNew('mel')

  assert.match(await devpi.refused('index', '-c', 'ada/mine'), /403 Forbidden/)
  assert.match(await devpi.refused('index', 'ada/prod', 'volatile=True'), /403 Forbidden/)
  assert.match(await devpi.refused('index', '-y', '--delete', 'ada/prod'), /403 Forbidden/)
  assert.match(await devpi.refused('index', '-y', '--delete', 'ada/nope'), /403 Forbidden/)
  await devpi.ok('logoff')
  const anonymous = await devpi.refused('index', '-c', 'ada/mine')
  assert.match(anonymous, /you need to be logged in \(use 'devpi login USER'\)/)
  assert.match(await devpi.ok('index', 'ada/prod'), /volatile=False/)
})

// devpi-http 12: 42, 61
test('devpi index removes a volatile index, which the client then finds missing', async () => {
  await using devpi = await asNew('val')
  await devpi.ok('index', '-c', 'dev')
  await devpi.ok('use', 'val/dev')

  await devpi.ok('index', 'volatile=False')
  assert.match(await devpi.refused('index', '-y', '--delete', 'dev'), /403 Forbidden: .*volatile/)
  await devpi.ok('index', 'volatile=True')
  assert.match(await devpi.ok('index', '-y', '--delete', 'dev'), /index deleted: \S+\/val\/dev/)
  assert.match(await devpi.refused('use'), /404 Not Found: The stage val\/dev could not be found/)
  assert.equal((await devpi.refused('index', 'val/dev')).trim(), '')
})

// devpi-http 12: 44, 52, 162
test('devpi index makes a mirror, with its own options', async () => {
  await using devpi = await asNew('mia')
  const url = 'mirror_url=http://127.0.0.1:9/simple/'

  const made = await devpi.ok('index', '-c', 'up', 'type=mirror', url, 'bases=ada/prod')
  assert.deepEqual(linesOf(made).slice(1), ['  type=mirror', '  volatile=True', `  ${url}`])
  const changed = await devpi.ok('index', 'mia/up', 'mirror_cache_expiry=60', 'title=Up')
  assert.match(changed, /\n {2}mirror_cache_expiry=60\n[^]*\n {2}title=Up\n/)
  const metadata = await devpi.ok('index', 'mia/up', 'mirror_provides_core_metadata=True')
  assert.match(metadata, /\n {2}mirror_provides_core_metadata=True\n/)
  await devpi.ok('index', '-c', 'dev')
  const onStage = await devpi.refused('index', 'mia/dev', 'mirror_provides_core_metadata=True')
  assert.match(onStage, /400 Bad Request: .*mirror_provides_core_metadata/)
})
