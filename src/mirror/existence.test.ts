/** What a list of names decides of a project that nobody has asked for yet, and what it must not hold up. */
import assert from 'node:assert/strict'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { test } from 'node:test'
import {
  body,
  byPath,
  namesPage,
  notFound,
  stall,
  startFakeUpstream,
  type Answer,
  type FakeUpstream,
} from '../../test/support/fake-upstream.ts'
import { json, makeMirrorRig, MIRROR, pageOf } from '../../test/support/mirror.ts'

const HALF_HOUR = 1_800_000
const MINUTE = 60_000

const page = json(pageOf([{ filename: 'anchor-1.0.tar.gz' }]))
const listing = (...names: string[]): Answer =>
  body(names.map((name) => `<a href="${name}/">${name}</a>`).join(''), {
    etag: `"${names.join()}"`,
  })

/** A busy machine must not make a list late. */
const patient = { requestTimeoutMs: 60_000 }

/** An upstream that has `anchor`, whatever its list says. */
const having = (list: Answer): Answer => byPath({ '/simple/': list, '/simple/anchor/': page })

const pathsOf = ({ requests }: FakeUpstream): string[] => requests.map(({ path }) => path)

// devpi-http 12: 133, 134
test('a project that is not in the list is missing, and upstream does not hear its name', async () => {
  await using upstream = await startFakeUpstream(having(listing('anchor', 'buoy')))
  await using rig = await makeMirrorRig(upstream.url('simple'), patient)

  for (const name of ['secret', 'other', 'secret']) {
    assert.equal(await rig.mirrors.freshen(MIRROR, name), 'missing')
  }
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')

  assert.deepEqual(pathsOf(upstream), ['/simple/', '/simple/anchor/'])
})

test('the list decides as long as it is fresh, also after a restart, and is then asked for with its ETag', async () => {
  await using upstream = await startFakeUpstream(having(body([...namesPage(10_000)].join(''))))
  await using rig = await makeMirrorRig(upstream.url('simple'), patient)
  await rig.mirrors.names(MIRROR)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'secret'), 'missing')

  rig.pass(HALF_HOUR - 1)
  await rig.restart()
  assert.equal(await rig.mirrors.freshen(MIRROR, 'secret'), 'missing')
  assert.deepEqual(pathsOf(upstream), ['/simple/'])

  rig.pass(1)
  upstream.answerWith(having(listing('anchor')))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'other'), 'missing')
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  rig.pass(HALF_HOUR)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'other'), 'missing')
  assert.deepEqual(pathsOf(upstream), ['/simple/', '/simple/', '/simple/anchor/', '/simple/'])
  assert.equal(upstream.requests.at(-1)?.headers['if-none-match'], '"anchor"')
})

test('a short list is asked for anew after a minute, so that what is new upstream is found', async () => {
  await using upstream = await startFakeUpstream(having(listing('buoy')))
  await using rig = await makeMirrorRig(upstream.url('simple'), patient)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'missing')

  upstream.answerWith(having(listing('anchor', 'buoy')))
  rig.pass(MINUTE - 1)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'missing')
  rig.pass(1)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
})

test('a project in an old list is asked for at once, and so is one that is known here', async () => {
  await using upstream = await startFakeUpstream(having(listing('anchor', 'buoy')))
  await using rig = await makeMirrorRig(upstream.url('simple'), patient)
  await rig.mirrors.freshen(MIRROR, 'secret')
  rig.pass(HALF_HOUR)

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  upstream.answerWith(having(listing('buoy')))
  await rig.mirrors.names(MIRROR)
  rig.pass(HALF_HOUR)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')

  assert.deepEqual(pathsOf(upstream), [
    '/simple/',
    '/simple/anchor/',
    '/simple/',
    '/simple/anchor/',
  ])
})

// devpi-http 12: 173
test('a list that does not come holds up nobody for long: projects are asked for without it', async () => {
  await using upstream = await startFakeUpstream(having(stall))
  await using rig = await makeMirrorRig(upstream.url('simple'), { requestTimeoutMs: 2000 })

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(await rig.mirrors.freshen(MIRROR, 'buoy'), 'missing')

  assert.deepEqual(pathsOf(upstream), ['/simple/', '/simple/anchor/', '/simple/buoy/'])
})

test('a list that turns out to be long is not waited for, and decides once it is here', async () => {
  const { promise: waited, resolve: goOn } = Promise.withResolvers<void>()
  const long: Answer = async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    for (const piece of namesPage(20_000)) response.write(piece)
    await waited
    response.end()
  }
  await using upstream = await startFakeUpstream(having(long))
  await using rig = await makeMirrorRig(upstream.url('simple'), patient)

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  goOn()
  assert.equal((await rig.mirrors.names(MIRROR)).count, 20_000)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'secret'), 'missing')
  assert.deepEqual(pathsOf(upstream), ['/simple/', '/simple/anchor/'])
})

// devpi-http 12: 173
test('a slow list goes on behind, and decides once it is here', async () => {
  const { promise: waited, resolve: goOn } = Promise.withResolvers<void>()
  const slow: Answer = async (request, response) => {
    await waited
    return listing('anchor')(request, response)
  }
  await using upstream = await startFakeUpstream(having(slow))
  await using rig = await makeMirrorRig(upstream.url('simple'), { requestTimeoutMs: 2000 })
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')

  goOn()
  assert.equal((await rig.mirrors.names(MIRROR)).count, 1)

  assert.equal(await rig.mirrors.freshen(MIRROR, 'secret'), 'missing')
  assert.deepEqual(pathsOf(upstream), ['/simple/', '/simple/anchor/'])
})

const noLists: Record<string, Answer> = {
  'has no list': notFound,
  'fails with its list': body('', { status: 500 }),
  'lists nothing': body('<html><body></body></html>'),
  'sends something else for its list': body('{"message": "hello"}'),
  'wants a login for its list': body('<form><input></form>', { status: 401 }),
}

for (const [what, list] of Object.entries(noLists)) {
  test(`an upstream that ${what} is asked for its projects alone, for a minute`, async () => {
    await using upstream = await startFakeUpstream(having(list))
    await using rig = await makeMirrorRig(upstream.url('simple'), patient)

    assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
    assert.equal(await rig.mirrors.freshen(MIRROR, 'buoy'), 'missing')
    rig.pass(MINUTE)
    upstream.answerWith(having(listing('anchor', 'cape')))
    assert.equal(await rig.mirrors.freshen(MIRROR, 'secret'), 'missing')

    const paths = ['/simple/', '/simple/anchor/', '/simple/buoy/', '/simple/']
    assert.deepEqual(pathsOf(upstream), paths)
  })
}

// devpi-http 12: 146
test('a mirror without a list asks for each project, and never for a list', async () => {
  await using upstream = await startFakeUpstream(having(listing('buoy')))
  await using rig = await makeMirrorRig(upstream.url('simple'), patient)
  await rig.setMirror({ mirror_no_project_list: true })

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
  assert.equal(await rig.mirrors.freshen(MIRROR, 'cape'), 'missing')
  const names = await Array.fromAsync((await rig.mirrors.names(MIRROR)).batches())

  assert.deepEqual(names, [['anchor']])
  assert.deepEqual(pathsOf(upstream), ['/simple/anchor/', '/simple/cape/'])
})

test('a refresh asks for a project whatever the list says', async () => {
  await using upstream = await startFakeUpstream(having(listing('buoy')))
  await using rig = await makeMirrorRig(upstream.url('simple'), patient)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'missing')

  assert.equal(await rig.mirrors.refresh(MIRROR, 'anchor'), 'fresh')
})

test('a list that cannot be read is none', async () => {
  // Enough of them that the two names asked for are not read at once.
  const many = Array.from({ length: 1000 }, (_, number) => `buoy${number}`)
  await using upstream = await startFakeUpstream(having(listing('aaa', ...many)))
  await using rig = await makeMirrorRig(upstream.url('simple'), patient)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'secret'), 'missing')
  const folder = `${rig.folder}/local/names`
  const [file = ''] = await readdir(folder)

  await rm(`${folder}/${file}`)
  await mkdir(`${folder}/${file}`)

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
})

test('the list of another upstream says nothing', async () => {
  await using old = await startFakeUpstream(having(listing('buoy')))
  await using next = await startFakeUpstream(having(notFound))
  await using rig = await makeMirrorRig(old.url('simple'), patient)
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'missing')

  await rig.setMirror({ mirror_url: next.url('simple') })

  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
})
