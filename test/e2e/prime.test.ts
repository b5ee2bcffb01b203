/** A closed network: what was fetched ahead is installed with no upstream. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand, startCommand } from '../support/command.ts'
import { body, byPath, startFakeUpstream } from '../support/fake-upstream.ts'
import { makePip } from '../support/clients.ts'
import { assertDone, assertInstalls } from '../support/installers.ts'
import { startPythonServer } from '../support/file-servers.ts'
import { startStaticIndex, staticIndex } from '../support/static-index.ts'
import { makeTempFolder } from '../support/temp.ts'
import { makeSdist, makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const files = [
  makeWheel('anchor', '1.0', { requiresDist: ['chain<2', 'rope; sys_platform == "win32"'] }),
  makeSdist('anchor', '1.0'),
  makeWheel('anchor', '2.0', { tag: 'cp399-cp399-win32' }),
  makeWheel('chain', '1.0', { requiresDist: ['hemp; extra == "fibre"'] }),
  makeWheel('chain', '2.0'),
  makeWheel('hemp', '1.0'),
  makeWheel('rope', '1.0'),
]

const flags = ['--python', '3.11', '--platform', 'manylinux_2_28_x86_64']

function startOver(mirrorUrl: string): Promise<Yard> {
  const mirror = { type: 'mirror', mirror_url: mirrorUrl, mirror_cache_expiry: 0 }
  return startYard({
    stages: [
      { name: 'ada/mirror', ...mirror },
      { name: 'ada/dev', bases: ['ada/mirror'] },
    ],
  })
}

interface Report {
  readonly fetched: readonly string[]
  readonly here: readonly string[]
  readonly failed: readonly { readonly what: string; readonly reason: string }[]
}

async function prime(yard: Yard, cwd: string, args: readonly string[]) {
  const all = ['admin', 'prime', 'ada/dev', '--dir', yard.folder, '--json', ...args]
  const ran = await runCommand(all, { cwd })
  const report = (): Report => JSON.parse(ran.stdout) as Report
  return { ...ran, report }
}

const ANCHOR = 'anchor-1.0-py3-none-any.whl'
const CHAIN = 'chain-1.0-py3-none-any.whl'

test('what requirements need is fetched, and pip and uv install it with no upstream', async () => {
  await using home = await makeTempFolder('prime')
  const upstream = await startStaticIndex(files)
  await using yard = await startOver(upstream.url('simple/'))
  await home.write('requirements.txt', 'anchor\n')
  const wanted = ['--requirements', 'requirements.txt', ...flags]

  const first = await prime(yard, home.path, wanted)
  const again = await prime(yard, home.path, [...wanted, '--export', 'wheels'])
  await upstream[Symbol.asyncDispose]()

  assertDone(first)
  assert.deepEqual(first.report().fetched, [ANCHOR, CHAIN])
  assertDone(again)
  assert.deepEqual([again.report().fetched, again.report().here], [[], [ANCHOR, CHAIN]])

  await yard.kill()
  await using offline = await startYard({ folder: yard.folder, args: ['--offline-mode'] })
  const from = offline.url('ada/dev/+simple/')
  const expected = ['anchor-1.0', 'chain-1.0']
  for (const tool of ['pip', 'uv'] as const)
    await assertInstalls(tool, 'anchor', { from, expected })

  assert.deepEqual((await readdir(home.join('wheels'))).toSorted(), [ANCHOR, CHAIN])
  await using pip = await makePip()
  assertDone(
    await pip.install(['--find-links', home.join('wheels'), 'anchor'], 'http://127.0.0.1:9/'),
  )
})

test('a lock file is followed by its hashes, and what is not offered is reported', async () => {
  await using home = await makeTempFolder('prime')
  await using upstream = await startStaticIndex(files)
  await using yard = await startOver(upstream.url('simple/'))
  const [anchor] = files
  const lines = [
    `anchor==1.0 --hash=sha256:${anchor!.sha256}`,
    `chain==1.0 --hash=sha256:${'0'.repeat(64)}`,
  ]
  await home.write('locked.txt', lines.join('\n'))

  const ran = await prime(yard, home.path, ['--lock', 'locked.txt', ...flags])

  assert.equal(ran.code, 1, ran.output)
  const reason = 'the index offers none of the files, by their hashes'
  assert.deepEqual(ran.report().fetched, [ANCHOR])
  assert.deepEqual(ran.report().failed, [{ what: 'chain==1.0', reason }])
})

test('where upstream tells no hashes, a lock file is followed once its files were fetched by their names', async () => {
  await using home = await makeTempFolder('prime')
  const wheel = makeWheel('chain', '1.0')
  await using upstream = await startFakeUpstream(
    byPath({
      '/simple/': body('<a href="chain/">chain</a>'),
      '/simple/chain/': body(`<a href="/f/${wheel.filename}">${wheel.filename}</a>`),
      [`/f/${wheel.filename}`]: body(wheel.bytes),
    }),
  )
  await using yard = await startOver(upstream.url('/simple/'))
  await home.write('locked.txt', `chain==1.0 --hash=sha256:${wheel.sha256}`)
  await home.write('named.txt', 'chain==1.0')

  const before = await prime(yard, home.path, ['--lock', 'locked.txt', ...flags])
  const named = await prime(yard, home.path, ['--requirements', 'named.txt', ...flags])
  const after = await prime(yard, home.path, ['--lock', 'locked.txt', ...flags])

  const reason = 'upstream tells no SHA-256 of its files: prime them with --requirements first'
  assert.deepEqual(before.report().failed, [{ what: 'chain==1.0', reason }])
  assert.deepEqual([named.code, after.code], [0, 0], after.output)
  assert.deepEqual(after.report().here, [wheel.filename])
})

const built = (filename: string) => files.find((file) => file.filename === filename)!
const inUv = (filename: string): string => {
  const { sha256, bytes } = built(filename)
  return `wheels = [{ url = "http://127.0.0.1:9/${filename}", hash = "sha256:${sha256}", size = ${bytes.length} }]`
}
const inPylock = (filename: string): string =>
  `wheels = [{ url = "http://127.0.0.1:9/${filename}", hashes = { sha256 = "${built(filename).sha256}" } }]`
const HEMP = 'hemp-1.0-py3-none-any.whl'
const ROPE = 'rope-1.0-py3-none-any.whl'
const CHAIN_2 = 'chain-2.0-py3-none-any.whl'
const registry = 'source = { registry = "http://127.0.0.1:9/simple" }'

const uvLock = `version = 1
requires-python = ">=3.9"
resolution-markers = ["python_full_version >= '3.12'", "python_full_version < '3.12'"]

[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "anchor" },
    { name = "chain", version = "1.0", source = { registry = "http://127.0.0.1:9/simple" }, marker = "python_full_version < '3.12'" },
    { name = "chain", version = "2.0", source = { registry = "http://127.0.0.1:9/simple" }, marker = "python_full_version >= '3.12'" },
]

[[package]]
name = "anchor"
version = "1.0"
${registry}
dependencies = [{ name = "rope", marker = "sys_platform == 'win32'" }]
${inUv(ANCHOR)}

[[package]]
name = "chain"
version = "1.0"
${registry}
resolution-markers = ["python_full_version < '3.12'"]
${inUv(CHAIN)}

[[package]]
name = "chain"
version = "2.0"
${registry}
resolution-markers = ["python_full_version >= '3.12'"]
${inUv(CHAIN_2)}

[[package]]
name = "rope"
version = "1.0"
${registry}
dependencies = [{ name = "hemp" }]
${inUv(ROPE)}

[[package]]
name = "hemp"
version = "1.0"
${registry}
${inUv(HEMP)}
`

const pylock = `lock-version = "1.0"
created-by = "someone"

[[packages]]
name = "anchor"
version = "1.0"
${inPylock(ANCHOR)}

[[packages]]
name = "chain"
version = "1.0"
marker = "python_version < '3.12'"
${inPylock(CHAIN)}

[[packages]]
name = "rope"
version = "1.0"
marker = "sys_platform == 'win32' and 'test' in dependency_groups"
${inPylock(ROPE)}
`

const locked = [ANCHOR, CHAIN, ROPE].map((filename) => {
  const [name, version] = filename.split('-')
  const marker = filename === ROPE ? " ; sys_platform == 'win32'" : ''
  return `${name}==${version}${marker} --hash=sha256:${built(filename).sha256}`
})

const windows = ['--python', '3.12', '--platform', 'win_amd64']
const lockFiles: readonly {
  readonly file: string
  readonly text: string
  readonly onLinux: readonly string[]
  readonly onWindows: readonly string[]
}[] = [
  {
    file: 'uv.lock',
    text: uvLock,
    onLinux: [ANCHOR, CHAIN],
    onWindows: [ANCHOR, CHAIN_2, HEMP, ROPE],
  },
  { file: 'pylock.toml', text: pylock, onLinux: [ANCHOR, CHAIN], onWindows: [ANCHOR, ROPE] },
  {
    file: 'locked.txt',
    text: locked.join('\n'),
    onLinux: [ANCHOR, CHAIN],
    onWindows: [ANCHOR, CHAIN, ROPE],
  },
]

for (const { file, text, onLinux, onWindows } of lockFiles) {
  test(`of a ${file} the packages are fetched whose markers may hold`, async () => {
    await using home = await makeTempFolder('prime')
    await using upstream = await startStaticIndex(files)
    await using yard = await startOver(upstream.url('simple/'))
    await home.write(file, text)

    const linux = await prime(yard, home.path, ['--lock', file, ...flags])
    const both = await prime(yard, home.path, ['--lock', file, ...windows])

    assertDone(linux)
    assert.deepEqual(linux.report().fetched, onLinux)
    assertDone(both)
    const { fetched, here } = both.report()
    assert.deepEqual([...fetched, ...here].toSorted(), onWindows)
  })
}

test('what is broken off by Ctrl-C goes on where it was', async () => {
  await using home = await makeTempFolder('prime')
  const { promise: isAsked, resolve: ask } = Promise.withResolvers<void>()
  const honest = staticIndex(files)
  await using upstream = await startFakeUpstream((request, response) => {
    if (request.url !== `/files/${CHAIN}`) return honest(request, response)
    const { bytes } = built(CHAIN)
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, 100), () => ask())
  })
  await using yard = await startOver(upstream.url('simple/'))
  await home.write('locked.txt', locked.join('\n'))
  const args = ['--lock', 'locked.txt', '--jobs', '1', ...flags]
  const all = ['admin', 'prime', 'ada/dev', '--dir', yard.folder, ...args]

  await using first = startCommand(all, { cwd: home.path })
  await isAsked
  assert.equal(await first.kill('SIGINT'), 130)
  assert.deepEqual(await readdir(join(yard.folder, 'blobs', 'tmp')), [])
  upstream.answerWith(honest)
  const again = await prime(yard, home.path, args)

  assertDone(again)
  assert.deepEqual(again.report(), {
    ...again.report(),
    fetched: [CHAIN],
    here: [ANCHOR],
    failed: [],
  })
  assert.equal(upstream.requestsTo(`/files/${ANCHOR}`).length, 1)
})

test('what policies hide is not fetched; extras are; a missing project fails with its name', async () => {
  await using home = await makeTempFolder('prime')
  await using upstream = await startStaticIndex(files)
  const mirror = { type: 'mirror', mirror_url: upstream.url('simple/') }
  await using yard = await startYard({
    stages: [
      { name: 'ada/mirror', ...mirror },
      { name: 'ada/dev', bases: ['ada/mirror'], deny: ['chain>=2'] },
    ],
  })
  await home.write('requirements.txt', 'chain[fibre]\nnowhere>1\n')

  const ran = await prime(yard, home.path, ['--requirements', 'requirements.txt'])

  assert.equal(ran.code, 1, ran.output)
  assert.deepEqual(ran.report().fetched, [CHAIN, 'hemp-1.0-py3-none-any.whl'])
  assert.deepEqual(
    ran.report().failed.map(({ what }) => what),
    ['nowhere>1'],
  )
})

test('the projects that are downloaded most are known after a restart, and fetched anew', async () => {
  await using home = await makeTempFolder('prime')
  await using upstream = await startStaticIndex([
    ...[makeWheel('chain', '1.0'), makeWheel('hemp', '1.0'), makeWheel('rope', '1.0')],
    makeWheel('chain', '3.0', { requiresDist: ['hemp'] }),
  ])
  await using yard = await startOver(upstream.url('simple/'))
  const from = yard.url('ada/dev/+simple/')
  for (const [what, expected] of [
    ['chain<2', 'chain-1.0'],
    ['chain==1.0', 'chain-1.0'],
    ['rope', 'rope-1.0'],
  ] as const) {
    await assertInstalls('uv', what, { from, expected: [expected] })
  }
  await yard.restart()

  const ran = await prime(yard, home.path, ['--top', '1'])

  assertDone(ran)
  assert.deepEqual(ran.report().fetched, [
    'chain-3.0-py3-none-any.whl',
    'hemp-1.0-py3-none-any.whl',
  ])
})

test('of a project the newest release is fetched that all who need it agree on', async () => {
  await using home = await makeTempFolder('prime')
  await using upstream = await startStaticIndex([
    makeWheel('anchor', '1.0', { requiresDist: ['chain', 'rope'] }),
    makeWheel('rope', '1.0', { requiresDist: ['chain<2'] }),
    ...['1.0', '1.5', '2.0', '3.0rc1'].map((version) => makeWheel('chain', version)),
  ])
  await using yard = await startOver(upstream.url('simple/'))
  await home.write('requirements.txt', 'anchor\n')

  const ran = await prime(yard, home.path, ['--requirements', 'requirements.txt', ...flags])

  assertDone(ran)
  const versions = ran.report().fetched.map((name) => name.split('-').slice(0, 2).join('-'))
  assert.deepEqual(versions, ['anchor-1.0', 'chain-1.5', 'rope-1.0'])
})

test('mistakes are told together, and nothing is asked', async () => {
  await using home = await makeTempFolder('prime')
  await home.write('bad.txt', 'fine\n-e .\n')
  const args = ['--requirements', 'bad.txt', '--python', '3', '--platform', 'amiga', '--jobs', '0']

  const ran = await runCommand(['admin', 'prime', 'root', ...args], { cwd: home.path })

  assert.notEqual(ran.code, 0)
  for (const says of [/INDEX is user/, /line 2/, /--python: '3'/, /'amiga'/, /--jobs/]) {
    assert.match(ran.output, says)
  }
})

test('a wheel that came along with its metadata was fetched, and not here before', async () => {
  await using home = await makeTempFolder('prime')
  await using upstream = await startPythonServer(
    Object.fromEntries([built(CHAIN), built(HEMP)].map(({ filename, bytes }) => [filename, bytes])),
  )
  await using yard = await startYard({
    stages: [
      { name: 'ada/dev', type: 'mirror', mirror_url: upstream.url(), mirror_layout: 'listing' },
    ],
  })
  await home.write('requirements.txt', 'chain\n')

  const ran = await prime(yard, home.path, ['--requirements', 'requirements.txt'])
  const again = await prime(yard, home.path, ['--requirements', 'requirements.txt'])

  assertDone(ran)
  assert.deepEqual([ran.report().fetched, ran.report().here], [[CHAIN], []])
  assert.deepEqual([again.report().fetched, again.report().here], [[], [CHAIN]])
})

test('what cannot be read or made is named, and why', async () => {
  await using home = await makeTempFolder('prime')
  await using upstream = await startStaticIndex(files)
  await using yard = await startOver(upstream.url('simple/'))
  await home.write('requirements.txt', 'chain\n')

  const absent = await prime(yard, home.path, ['--lock', 'nowhere.lock'])
  const folder = await prime(yard, home.path, ['--requirements', home.path])
  const wanted = ['--requirements', 'requirements.txt']
  const nowhere = await prime(yard, home.path, [...wanted, '--export', '/proc/nowhere'])

  assert.deepEqual([absent.code, folder.code, nowhere.code], [2, 2, 1])
  assert.match(absent.output, /--lock: nowhere\.lock cannot be read: there is no such file/)
  assert.match(folder.output, /--requirements: .+ cannot be read: it is a folder/)
  assert.match(nowhere.output, /\/proc\/nowhere cannot be made: there is no such folder/)
  assert.equal(upstream.requestsTo(`/files/${CHAIN}`).length, 0)
})

test('before anything was downloaded, --top says that it knows of nothing', async () => {
  await using home = await makeTempFolder('prime')
  await using upstream = await startStaticIndex(files)
  await using yard = await startOver(upstream.url('simple/'))
  const args = ['admin', 'prime', 'ada/dev', '--dir', yard.folder, '--top', '3']

  const ran = await runCommand(args, { cwd: home.path })

  assert.equal(ran.code, 0, ran.output)
  assert.match(ran.output, /Note: --top: nothing was downloaded yet from ada\/dev or its bases/)
})

test('what policies look at is found out first, and they are named where they hide what is wanted', async () => {
  await using home = await makeTempFolder('prime')
  const headers = ['License-Expression: MIT']
  const free = [makeWheel('chain', '1.0', { headers }), makeWheel('rope', '1.0')]
  await using upstream = await startStaticIndex(free)
  await using yard = await startYard({
    stages: [
      { name: 'ada/mirror', type: 'mirror', mirror_url: upstream.url('simple/') },
      { name: 'ada/dev', bases: ['ada/mirror'], allow_licences: 'MIT' },
    ],
  })
  await home.write('requirements.txt', 'chain\nrope\n')

  const ran = await prime(yard, home.path, ['--requirements', 'requirements.txt'])

  assert.equal(ran.code, 1, ran.output)
  assert.deepEqual(ran.report().fetched, [CHAIN])
  const reason =
    'no file that the index offers fits; 1 file is hidden, such as by licences (ada/dev): it does not tell its licence'
  assert.deepEqual(ran.report().failed, [{ what: 'rope', reason }])
})

test('advisories hide from prime what they hide from the server', async () => {
  await using home = await makeTempFolder('prime')
  await using upstream = await startStaticIndex(files)
  await using yard = await startYard({
    stages: [
      {
        ...{ name: 'ada/dev', type: 'mirror', mirror_url: upstream.url('simple/') },
        advisories: 'malicious',
      },
    ],
  })
  await home.write('requirements.txt', 'chain\n')
  const advisory = {
    id: 'MAL-2026-1',
    affected: [{ package: { ecosystem: 'PyPI', name: 'chain' }, versions: ['2.0'] }],
  }
  await home.write('bad/MAL-2026-1.json', JSON.stringify(advisory))
  const wanted = ['--requirements', 'requirements.txt']

  const without = await prime(yard, home.path, wanted)
  const told = await prime(yard, home.path, [...wanted, '--advisories', 'bad'])

  assert.match(without.report().failed[0]?.reason ?? '', /the server has no --advisories/)
  assert.equal(told.code, 0, told.output)
  assert.deepEqual(told.report().fetched, [CHAIN])
})

test('constraints that a requirements file names say which versions may come, and want nothing by themselves', async () => {
  await using home = await makeTempFolder('prime')
  await using upstream = await startStaticIndex(files)
  await using yard = await startOver(upstream.url('simple/'))
  await home.write('requirements.txt', 'chain\n-c limits/all.txt\n')
  await home.write('limits/all.txt', 'chain <2\nchain ==9; python_version < "3"\n-r more.txt\n')
  await home.write('limits/more.txt', 'rope\n')
  await home.write('wrong.txt', 'chain\n--constraint=never.txt\n')
  await home.write('never.txt', 'chain >99\n')

  const ran = await prime(yard, home.path, ['--requirements', 'requirements.txt', ...flags])
  const wrong = await prime(yard, home.path, ['--requirements', 'wrong.txt', ...flags])

  assertDone(ran)
  assert.deepEqual(ran.report().fetched, [CHAIN])
  assert.match(wrong.report().failed[0]?.reason ?? '', /fits with the constraint chain>99/)
})

test('requirements files that are named by -r count too, each once and below the file that names them', async () => {
  await using home = await makeTempFolder('prime')
  await using upstream = await startStaticIndex(files)
  await using yard = await startOver(upstream.url('simple/'))
  await home.write(
    'requirements.txt',
    'rope\n-r more/base.txt  # and\n--requirement=more/base.txt\n',
  )
  await home.write('more/base.txt', 'hemp\n-r ../requirements.txt\n')
  await home.write('wrong.txt', 'hemp\n-r nowhere.txt\n')

  const ran = await prime(yard, home.path, ['--requirements', 'requirements.txt'])
  const wrong = await prime(yard, home.path, ['--requirements', 'wrong.txt'])

  assertDone(ran)
  assert.deepEqual(ran.report().fetched, [HEMP, ROPE])
  assert.equal(wrong.code, 2)
  assert.match(wrong.output, /--requirements: nowhere\.txt cannot be read: there is no such file/)
})
