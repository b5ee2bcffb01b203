/** `wheelyard relock`: lock files of uv and pip that lead to another index, and install from there. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { makePip, makeUv, twine, type Uv } from '../support/clients.ts'
import { startFakeUpstream } from '../support/fake-upstream.ts'
import { runCommand } from '../support/command.ts'
import { assertDone } from '../support/installers.ts'
import type { RunResult } from '../support/process.ts'
import { startStaticIndex, staticIndex } from '../support/static-index.ts'
import { makeTempFolder } from '../support/temp.ts'
import { startPypiserver } from '../support/upstream.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

const files = [makeWheel('anchor', '1.0'), makeWheel('mast', '2.0'), makeSdist('mast', '2.0')]

const project = `[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["anchor", "mast"]
`

/** A world in which `root/mirror` mirrors a plain index, and `ada/dev` has it as base. */
async function startWorld(upstream: { url(path?: string): string }) {
  const yard = await startYard({
    stages: [
      { name: 'root/mirror', type: 'mirror', mirror_url: upstream.url('simple/') },
      { name: 'ada/dev', bases: ['root/mirror'] },
    ],
  })
  const home = await makeTempFolder('relock')
  await home.write('app/pyproject.toml', project)
  const folder = home.join('app')
  return {
    yard,
    folder,
    path: (name: string) => join(folder, name),
    read: (name: string) => readFile(join(folder, name), 'utf8'),
    index: yard.url('ada/dev/+simple/'),
    upstream: upstream.url('simple/'),
    relock: (...args: string[]): Promise<RunResult> =>
      runCommand(['relock', ...args], { cwd: folder }),
    async [Symbol.asyncDispose]() {
      await yard[Symbol.asyncDispose]()
      await home.remove()
    },
  }
}

/** uv in the project, with one index and nothing kept from before. */
const uvIn = (uv: Uv, folder: string, index: string, ...args: string[]): Promise<RunResult> =>
  uv.uv([...args, '--default-index', index, '--no-cache'], { cwd: folder })

const upstreams = {
  'a plain index': () => startStaticIndex(files),
  'a pypiserver': () => startPypiserver(files),
}

for (const [kind, start] of Object.entries(upstreams)) {
  test(`a uv.lock made through a mirror of ${kind} leads upstream, and back again byte for byte`, async () => {
    await using upstream = await start()
    await using world = await startWorld(upstream)
    await using uv = await makeUv()
    assertDone(await uvIn(uv, world.folder, world.index, 'lock'))
    const before = await world.read('uv.lock')

    assertDone(await world.relock('uv.lock', '--to', 'upstream'))

    const there = await world.read('uv.lock')
    assert.ok(!there.includes(new URL(world.index).host), there)
    assert.equal(there.match(/sha256:/g)?.length, before.match(/sha256:/g)?.length)
    assertDone(await uvIn(uv, world.folder, world.upstream, 'lock', '--check'))
    assertDone(
      await uvIn(uv, world.folder, world.upstream, 'sync', '--locked', '--no-install-project'),
    )
    assert.equal(await world.read('uv.lock'), there)

    assertDone(await world.relock('uv.lock', '--to', world.yard.url('ada/dev')))

    assert.equal(await world.read('uv.lock'), before)
    assertDone(
      await uvIn(uv, world.folder, world.index, 'sync', '--frozen', '--no-install-project'),
    )
    assertDone(await uvIn(uv, world.folder, world.index, 'lock', '--check'))
  })
}

test('a lock of a plain index leads to a Wheelyard, and to any other simple index', async () => {
  await using upstream = await startStaticIndex(files)
  await using other = await startPypiserver(files)
  await using world = await startWorld(upstream)
  await using uv = await makeUv()
  assertDone(await uvIn(uv, world.folder, world.upstream, 'lock'))

  assertDone(await world.relock('uv.lock', '--to', 'ada/dev', '--server', world.yard.url()))
  assertDone(await uvIn(uv, world.folder, world.index, 'lock', '--check'))
  assertDone(await world.relock('uv.lock', '--to', other.url('simple/')))
  assertDone(await uvIn(uv, world.folder, other.url('simple/'), 'lock', '--check'))
})

test('uv and pip install from a pylock.toml and from requirements that lead elsewhere', async () => {
  await using upstream = await startStaticIndex(files)
  await using world = await startWorld(upstream)
  await using uv = await makeUv()
  await using pip = await makePip()
  assertDone(await uvIn(uv, world.folder, world.index, 'lock'))
  const exported = (format: string, file: string): Promise<RunResult> =>
    uvIn(
      ...([uv, world.folder, world.index, 'export', '--frozen', '--no-emit-project'] as const),
      ...['--emit-index-url', '--format', format, '--output-file', file],
    )
  assertDone(await exported('pylock.toml', 'pylock.toml'))
  assertDone(await exported('requirements.txt', 'requirements.txt'))
  const before = await world.read('requirements.txt')

  for (const name of ['pylock.toml', 'requirements.txt']) {
    assertDone(await world.relock(name, '--to', 'upstream'))
    const lines = (await world.read(name)).split('\n').filter((line) => !line.startsWith('#'))
    assert.ok(!lines.join('\n').includes(new URL(world.index).host))
  }
  const expected = before.replace(/^(--index-url) \S+/m, `$1 ${world.upstream}`)
  assert.equal(await world.read('requirements.txt'), expected)
  assertDone(
    await uv.uv(['pip', 'sync', '--python', uv.python, '--no-cache', world.path('pylock.toml')]),
  )
  assertDone(await pip.pip('install', '--require-hashes', '-r', world.path('requirements.txt')))
  assert.deepEqual((await pip.installed()).toSorted(), ['anchor-1.0', 'mast-2.0'])
})

test('a requirement by its address leads elsewhere too, with its comment and its hash', async () => {
  await using upstream = await startStaticIndex(files)
  await using world = await startWorld(upstream)
  await using pip = await makePip()
  const page = await fetch(`${world.index}anchor/`, {
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
  })
  const { files: listed } = (await page.json()) as {
    files: { url: string; hashes: { sha256: string } }[]
  }
  const [{ url, hashes }] = listed as [(typeof listed)[0]]
  const address = new URL(url, page.url).href
  const text = `anchor @ ${address}#sha256=${hashes.sha256}  # ours\r\n`
  await writeFile(world.path('direct.txt'), text)
  await chmod(world.path('direct.txt'), 0o640)

  assertDone(await world.relock('direct.txt', '--to', 'upstream'))

  const there = upstream.url('files/anchor-1.0-py3-none-any.whl')
  assert.equal(await world.read('direct.txt'), text.replace(address, there))
  assert.equal((await stat(world.path('direct.txt'))).mode & 0o777, 0o640)
  assertDone(await pip.pip('install', '--require-hashes', '-r', world.path('direct.txt')))
})

test('a file that the other index does not have by its hash is named, and nothing is written', async () => {
  await using upstream = await startStaticIndex(files)
  await using other = await startStaticIndex([
    makeWheel('anchor', '1.0', { content: 'other = 1\n' }),
  ])
  await using world = await startWorld(upstream)
  await using uv = await makeUv()
  assertDone(await twine.upload(makeWheel('keel', '3.0'), world.yard.url('ada/dev/')))
  await writeFile(world.path('pyproject.toml'), project.replace('"mast"', '"mast", "keel"'))
  assertDone(await uvIn(uv, world.folder, world.index, 'lock'))
  const before = await world.read('uv.lock')

  const elsewhere = await world.relock('uv.lock', '--to', other.url('simple/'))
  const up = await world.relock('uv.lock', '--to', 'upstream')

  assert.equal(elsewhere.code, 1)
  assert.match(elsewhere.output, /line \d+: anchor-1\.0-py3-none-any\.whl has another hash there/)
  assert.match(elsewhere.output, /line \d+: mast-2\.0\.tar\.gz is not there/)
  assert.equal(up.code, 1)
  assert.match(up.output, /keel-3\.0-py3-none-any\.whl lies on ada\/dev itself and has no upstream/)
  assert.doesNotMatch(up.output, /anchor|mast/)
  assert.equal(await world.read('uv.lock'), before)
  assert.ok(!(await readdir(world.folder)).some((name) => name.endsWith('.tmp')))
})

test('an index that is not there is named, instead of all its files', async () => {
  await using home = await makeTempFolder('relock')
  await using yard = await startYard({ stages: ['ada/dev'] })
  await home.write('r.txt', `anchor==1.0 --hash=sha256:${'a'.repeat(64)}\n`)
  const relock = (index: string): Promise<RunResult> =>
    runCommand(['relock', 'r.txt', '--to', yard.url(index)], { cwd: home.path })

  const absent = await relock('ada/nowhere')
  const empty = await relock('ada/dev')

  assert.deepEqual([absent.code, empty.code], [1, 1])
  assert.match(absent.output, /\/ada\/nowhere\/\+simple\/ is no index: the server answers 404/)
  assert.match(empty.output, /anchor.* is not there/)
})

test('an index behind a password is asked with the login of .netrc, which the lock does not get', async () => {
  await using upstream = await startStaticIndex(files)
  const answer = staticIndex(files)
  await using closed = await startFakeUpstream((request, response) => {
    const login = `Basic ${Buffer.from('ada:s3cret').toString('base64')}`
    if (request.headers.authorization === login) return answer(request, response)
    response.writeHead(401).end()
  })
  await using world = await startWorld(upstream)
  const [anchor] = files as [(typeof files)[0]]
  const digest = createHash('sha256').update(anchor.bytes).digest('hex')
  await writeFile(world.path('r.txt'), `-i ${world.index}\nanchor==1.0 --hash=sha256:${digest}\n`)

  const without = await world.relock('r.txt', '--to', closed.url('simple/'))
  await writeFile(world.path('.netrc'), 'machine 127.0.0.1 login ada password s3cret\n')
  const known = await world.relock('r.txt', '--to', closed.url('simple/'))

  assert.equal(without.code, 1)
  assert.match(without.output, /401/)
  assertDone(known)
  const expected = `-i ${closed.url('simple/')}\nanchor==1.0 --hash=sha256:${digest}\n`
  assert.equal(await world.read('r.txt'), expected)
})

test('--check writes nothing and tells by its exit code, --output leaves the file alone', async () => {
  await using upstream = await startStaticIndex(files)
  await using world = await startWorld(upstream)
  await using uv = await makeUv()
  assertDone(await uvIn(uv, world.folder, world.index, 'lock'))
  const before = await world.read('uv.lock')

  const check = await world.relock('uv.lock', '--to', 'upstream', '--check', '--json')
  const same = await world.relock('uv.lock', '--to', world.yard.url('ada/dev'), '--check')
  const copy = await world.relock('uv.lock', '--to', 'upstream', '--output', 'upstream.lock')

  assert.equal(check.code, 1)
  const { changed, written, files: count, packages } = JSON.parse(check.stdout)
  assert.deepEqual(
    { changed, written, count, packages },
    { changed: 5, written: null, count: 3, packages: 2 },
  )
  assert.equal(same.code, 0)
  assertDone(copy)
  assert.equal(await world.read('uv.lock'), before)
  assert.ok((await world.read('upstream.lock')).includes(world.upstream))
})

test('what is no lock file is refused by its line, and a missing index is asked for', async () => {
  await using home = await makeTempFolder('relock')
  await home.write('uv.lock', 'version = 9\n')
  await home.write('r.txt', `anchor==1.0 --hash=sha256:${'a'.repeat(64)}\n`)
  const relock = (...args: string[]): Promise<RunResult> =>
    runCommand(['relock', ...args], { cwd: home.path })

  const version = await relock('uv.lock', '--to', 'upstream')
  const missing = await relock('r.txt', '--to', 'upstream')
  const usage = await relock('r.txt')
  const absent = await relock('nowhere.lock', '--to', 'upstream')

  assert.deepEqual([version.code, missing.code, usage.code, absent.code], [1, 1, 2, 1])
  assert.match(absent.output, /nowhere\.lock cannot be read: there is no such file/)
  assert.match(version.output, /uv\.lock, line 1: a uv\.lock of version 9 is not known/)
  assert.match(missing.output, /does not say from which index anchor was locked/)
  assert.match(usage.output, /--to is missing/)
})
