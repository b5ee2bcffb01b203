/** `devpi list` and `remove`: projects, versions and files shown and taken away. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linesOf, openDevpi } from '../../support/devpi-client.ts'
import { startSite, type Site } from '../../support/devpi-site.ts'
import { assertDone } from '../../support/installers.ts'
import { makeSdist, makeWheel } from '../../support/wheel.ts'

const bob = { user: 'bob', password: 'pw' }
const volatile = { volatile: true }

let site: Site
before(async () => {
  site = await startSite({
    stages: [
      { name: 'ada/many', ...volatile },
      { name: 'ada/base', ...volatile },
      { name: 'ada/top', ...volatile, bases: ['ada/base'] },
      { name: 'ada/rm', ...volatile, bases: ['ada/base'] },
      { name: 'ada/file', ...volatile },
      'ada/prod',
      'bob/dev',
    ],
  })
})
after(() => site[Symbol.asyncDispose]())

const wheels = (name: string, ...versions: string[]) =>
  versions.map((version) => makeWheel(name, version))

/** Where the files lie, without the folders that their digests name and the query that the client repeats. */
const placesOf = (output: string): string[] =>
  linesOf(output).map((line) => line.replace(site.url(), '').replace(/\+f\/.*\/|\?.*/g, ''))

// devpi-http 12: 60
test('devpi list shows projects, their newest versions, all versions, or the files of one', async () => {
  await using devpi = await openDevpi(site.url('ada/many'))
  assert.deepEqual(linesOf(await devpi.ok('list')), [])
  const versions = ['0.9', '1.0', '1.1', '1.10', '2.0rc1']
  assertDone(await devpi.upload([...wheels('anchor', ...versions), makeSdist('rope', '3')]))

  assert.deepEqual(linesOf(await devpi.ok('list')), ['anchor', 'rope'])
  assert.deepEqual(linesOf(await devpi.ok('list', '-v')), ['anchor==2.0rc1', 'rope==3'])
  const all = linesOf(await devpi.ok('list', '-v', '--all'))
  assert.deepEqual(
    all.slice(0, -1),
    versions.map((version) => `anchor==${version}`),
  )
  const file = (version: string): string => `ada/many/anchor-${version}-py3-none-any.whl`
  assert.deepEqual(placesOf(await devpi.ok('list', 'anchor')), [
    ...['2.0rc1', '1.10', '1.1'].map(file),
    '2 older versions not shown, use --all to see',
  ])
  const newest = versions.toReversed().map(file)
  assert.deepEqual(placesOf(await devpi.ok('list', '--all', 'anchor')), newest)
  assert.deepEqual(placesOf(await devpi.ok('list', 'anchor>=1,<2.dev0')), [
    file('1.10'),
    file('1.1'),
    file('1.0'),
  ])
  assert.deepEqual(placesOf(await devpi.ok('list', 'Anchor==0.9')), [file('0.9')])
})

test('devpi list says that a project or an index is missing', async () => {
  await using devpi = await openDevpi(site.url('ada/many'))

  assert.match(await devpi.refused('list', 'nothing'), /404 Not Found: no project 'nothing'/)
  assert.match(
    await devpi.refused('list', '--index', 'ada/nope'),
    /404 Not Found: The stage ada\/nope/,
  )
})

// devpi-http 12: 102, 103
test('devpi list shows what is inherited, and what is shadowed', async () => {
  await using devpi = await openDevpi(site.url('ada/base'))
  assertDone(await devpi.upload([...wheels('anchor', '1.0', '2.0'), makeWheel('rope', '1.0')]))
  await devpi.ok('use', 'ada/top')
  assertDone(await devpi.upload(makeSdist('anchor', '2.0')))

  assert.deepEqual(linesOf(await devpi.ok('list')), ['anchor'])
  assert.deepEqual(placesOf(await devpi.ok('list', 'anchor')), [
    'ada/top/anchor-2.0.tar.gz',
    'ada/base/anchor-2.0-py3-none-any.whl',
    'ada/base/anchor-1.0-py3-none-any.whl',
  ])
  assert.deepEqual(placesOf(await devpi.ok('list', 'rope')), ['ada/base/rope-1.0-py3-none-any.whl'])
  const own = await devpi.ok('list', '--ignore-bases', 'anchor')
  assert.deepEqual(placesOf(own), ['ada/top/anchor-2.0.tar.gz'])
  const elsewhere = await devpi.ok('list', '--index', 'base', 'anchor==2.0')
  assert.deepEqual(placesOf(elsewhere), ['ada/base/anchor-2.0-py3-none-any.whl'])
})

// devpi-http 12: 9, 102
test('devpi remove takes versions and projects from this index, and leaves its bases alone', async () => {
  await using devpi = await openDevpi(site.url('ada/base'))
  assertDone(await devpi.upload([makeWheel('chain', '1.0')]))
  await devpi.ok('use', 'ada/rm')
  const versions = wheels('chain', '1.0', '1.1', '2.0')
  assertDone(await devpi.upload([...versions, makeSdist('chain', '1.1')]))

  const one = await devpi.ok('remove', '-y', 'chain==1.1')
  assert.match(one, /About to remove the following releases and distributions\nversion: 1\.1\n/)
  assert.equal(one.match(/^ {2}- http:\S+\/ada\/rm\/\+f\/\S+\/chain-1\.1\S+$/gm)?.length, 2)
  assert.match(one, /deleting release 1\.1 of chain\n/)
  const left = linesOf(await devpi.ok('list', '-v', '--all', '--ignore-bases'))
  assert.deepEqual(left, ['chain==1.0', 'chain==2.0'])

  const all = await devpi.ok('remove', '-y', 'chain')
  assert.equal(all.match(/^version: /gm)?.length, 2)
  assert.deepEqual(linesOf(await devpi.ok('list')), [])
  assert.deepEqual(placesOf(await devpi.ok('list', 'chain')), [
    'ada/base/chain-1.0-py3-none-any.whl',
  ])
  const none = await devpi.refused('remove', '-y', 'chain')
  assert.match(none, /No releases or distributions found matching 'chain'\.|404 Not Found/)
  const range = await devpi.refused('remove', '-y', '--index', 'ada/base', 'chain>5')
  assert.match(range, /No releases or distributions found matching 'chain>5'\./)
})

// devpi-http 12: 114, 120
test('devpi remove takes a single file by its address, and with the last one the release', async () => {
  await using devpi = await openDevpi(site.url('ada/file'))
  assertDone(await devpi.upload([makeWheel('anchor', '1.0'), makeSdist('anchor', '1.0')]))
  const [wheel = '', sdist = ''] = linesOf(await devpi.ok('list', 'anchor'))

  const asked = await devpi.devpi(['remove', wheel], { input: 'no\n' })
  assertDone(asked)
  assert.match(asked.output, /About to remove the following file:\nhttp/)
  assert.deepEqual(linesOf(await devpi.ok('list', 'anchor')), [wheel, sdist])
  await devpi.ok('remove', '-y', wheel)
  assert.deepEqual(linesOf(await devpi.ok('list', 'anchor')), [sdist])
  assert.match(await devpi.refused('remove', '-y', wheel), /410 Gone/)
  await devpi.ok('remove', '-y', sdist)
  assert.deepEqual(linesOf(await devpi.ok('list')), [])
})

// devpi-http 12: 118
test('on an index that is not volatile devpi remove needs --force', async () => {
  await using devpi = await openDevpi(site.url('ada/prod'))
  const two = [...wheels('anchor', '1.0', '2.0'), ...wheels('rope', '1.0', '2.0')]
  assertDone(await devpi.upload(two))
  const [file = ''] = linesOf(await devpi.ok('list', 'rope==2.0'))

  for (const what of ['anchor', 'anchor==1.0', file]) {
    assert.match(await devpi.refused('remove', '-y', what), /403 Forbidden: .*volatile/)
  }
  assert.equal(linesOf(await devpi.ok('list', '-v', '--all')).length, 4)
  await devpi.ok('remove', '-y', '--force', 'anchor==1.0')
  await devpi.ok('remove', '-y', '-f', file)
  assert.deepEqual(linesOf(await devpi.ok('list', '-v', '--all')), ['anchor==2.0', 'rope==1.0'])
  await devpi.ok('remove', '-y', '-f', 'anchor')
  assert.deepEqual(linesOf(await devpi.ok('list')), ['rope'])
})

// devpi-http 12: 119
test('devpi remove is for who may upload', async () => {
  await using devpi = await openDevpi(site.url('ada/many'))
  assertDone(await devpi.upload(makeWheel('shared', '1.0')))
  await using other = await openDevpi(site.url('ada/many'), bob)

  const [file = ''] = linesOf(await other.ok('list', 'shared'))
  assert.match(await other.refused('remove', '-y', 'shared'), /403 Forbidden/)
  assert.match(await other.refused('remove', '-y', 'shared==1.0'), /403 Forbidden/)
  assert.match(await other.refused('remove', '-y', '--force', file), /403 Forbidden/)
  await devpi.ok('index', 'ada/many', 'acl_upload+=bob')
  assert.match(await other.refused('index', 'ada/many', 'title=Mine'), /403 Forbidden/)
  await other.ok('remove', '-y', 'shared')
  assert.doesNotMatch(await devpi.ok('list'), /shared/)
})
