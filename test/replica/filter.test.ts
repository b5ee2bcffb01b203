/** A replica that keeps some files: the ledger is whole, the others are had when they are asked for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getLeftOutBlobs } from '#app-replica-sweep'
import { sweep } from '#blobs/sweep'
import { makeConfig, type Config } from '#config'
import { replicaFilter } from '#config-replica'
import { refuse } from '#base/refusal'
import { startApi, type Api } from '../support/api.ts'
import { runCommand } from '../support/command.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { startPair, type Pair } from '../support/replica.ts'
import { makeTempFolder } from '../support/temp.ts'
import { reached, until } from '../support/until.ts'
import { sendFile } from '../support/upload.ts'
import { makeSdist, makeWheel, type Distribution } from '../support/wheel.ts'

const SIMPLE = 'application/vnd.pypi.simple.v1+json'
const linux = { tag: 'cp312-cp312-manylinux_2_28_x86_64' }
const mac = { tag: 'cp312-cp312-macosx_11_0_arm64' }

interface Sent extends Distribution {
  readonly index: string
  readonly fields: { readonly name: string; readonly version: string }
}

const sent = (
  index: string,
  name: string,
  version: string,
  file = makeWheel(name, version),
): Sent => ({
  ...file,
  index,
  fields: { name, version },
})

const files: readonly Sent[] = [
  sent('ada/dev', 'anchor', '1.0'),
  sent('ada/dev', 'anchor', '2.0', makeSdist('anchor', '2.0')),
  sent('ada/dev', 'anchor', '2.0', makeWheel('anchor', '2.0', linux)),
  sent('ada/dev', 'anchor', '3.0rc1', makeWheel('anchor', '3.0rc1', mac)),
  sent('ada/more', 'buoy', '1.0'),
  sent('bob/dev', 'buoy', '2.0'),
]

const filter = (text: string): Partial<Config> => ({
  replicaFilter: replicaFilter.parse(text, '/'),
})

async function startFilled(replica: Partial<Config>): Promise<Pair> {
  await using stack = new AsyncDisposableStack()
  const pair = stack.use(await startPair({ indexes: ['ada/dev', 'ada/more', 'bob/dev'], replica }))
  await pair.caughtUp()
  await pair.wire.cut() // what it gets is judged by all there is
  for (const file of files) await send(pair, file)
  await pair.wire.join(pair.primary.app.url)
  await pair.complete()
  stack.move()
  return pair
}

async function send({ primary }: Pair, file: Sent): Promise<void> {
  const { status, text } = await sendFile(primary, file.index, file, file.fields)
  assert.equal(status, 200, text)
}

type Here = Pick<Pair, 'replica'>

/** The files whose bytes lie on the replica itself. */
async function listHere({ replica }: Here, of: readonly Sent[] = files): Promise<string[]> {
  const here = await Promise.all(
    of.map(async ({ sha256 }) => (await localBlobs(replica).size(sha256)) !== undefined),
  )
  return of.filter((_, at) => here[at]).map(({ filename }) => filename)
}

const localBlobs = (api: Api) => api.app.store.blobs

const namesOf = (...places: readonly number[]): string[] =>
  places.map((place) => files[place]!.filename)

const statusOf = async ({ replica }: Here) => (await replica.get('/+status', { as: 'root' })).result

async function pathOf({ replica }: Here, { index, filename, fields }: Sent): Promise<string> {
  const page = `/${index}/+simple/${fields.name}/`
  const { json } = await replica.get(page, { accept: SIMPLE })
  const found = json.files.find((one: { filename: string }) => one.filename === filename)
  return new URL(found.url, `http://x${page}`).pathname
}

test('a replica keeps the files of its filter, and the whole history', async () => {
  await using pair = await startFilled({})
  const { primary, secretFile } = pair

  for (const [text, ...kept] of [
    ['user=ada', 0, 1, 2, 3, 4],
    ['index=bob/dev,ada/more', 4, 5],
    ['project=Buoy', 4, 5],
    ['skip=mirror,ada/dev', 4, 5],
    ['skip=stage'],
    ['newest=1', 1, 2, 3, 4, 5],
    ['platform=manylinux*_x86_64,any', 0, 1, 2, 4, 5],
    ['user=ada project=anchor newest=1 platform=any', 1],
  ] as const) {
    const config = { secretFile, primaryUrl: primary.app.url, ...filter(text) }
    await using replica = await startApi({ transport: 'socket', config })
    await reached(replica.ledger, primary.serial)
    await until(async () => (await statusOf({ replica })).blobs['changes-to-look-at'] === 0)

    assert.deepEqual(await listHere({ replica }), namesOf(...kept), text)
    assert.deepEqual(
      await replica.ledger.change(replica.serial),
      await primary.ledger.change(primary.serial),
    )
    assert.equal((await replica.ledger.verify()).broken, undefined)
    assert.deepEqual((await statusOf({ replica })).blobs, {
      ...{ 'changes-to-look-at': 0, missing: 0, fetched: kept.length },
      ...{ kept: 'filtered', 'left-out': files.length - kept.length, filter: text },
    })
  }
})

test('what a filter names is told to who looks after the replica alone', async () => {
  await using pair = await startFilled(filter('index=ada/dev'))
  const { replica } = pair

  const [root, ada, nobody] = [
    await statusOf(pair),
    (await replica.get('/+status', { as: 'ada' })).result,
    (await replica.get('/+status')).result,
  ]
  const page = await replica.get('/+status', { accept: 'text/html' })

  assert.deepEqual(
    [root, ada, nobody].map(({ blobs }) => blobs.filter),
    ['index=ada/dev', null, null],
  )
  assert.equal(nobody.blobs['left-out'], 2)
  assert.match(page.text, /Files<\/dt><dd>filtered, 2 left out</)
  assert.doesNotMatch(page.text, /index=/)
})

test('a lock file says which files a replica keeps', async () => {
  await using folder = await makeTempFolder('lock')
  const locked = files[2]!
  const lock = await folder.write(
    'requirements.txt',
    `anchor==2.0 --hash=sha256:${locked.sha256}\nbuoy>=2\n`,
  )
  await using pair = await startFilled(filter(`lock=${lock}`))
  assert.deepEqual(await listHere(pair), namesOf(2, 5))

  await folder.write('requirements.txt', 'anchor==1.0\n')
  await pair.replica.restart()
  await pair.complete()

  assert.deepEqual(await listHere(pair), namesOf(0, 2, 5))
})

test('what is left out is had while the primary is there, and said to be away with it', async () => {
  await using pair = await startFilled(filter('project=buoy'))
  const { primary, replica, wire } = pair
  const [wheel, sdist] = files as [Sent, Sent]
  const [here, there] = [await pathOf(pair, wheel), await pathOf(pair, sdist)]

  const got = await replica.get(here, { accept: '' })
  await wire.cut()
  await until(async () => !(await statusOf(pair)).primary.connected)
  await until(async () => (await replica.get(there, { accept: '' })).status === 503)
  const refused = await replica.get(there, { accept: '' })
  const { problem } = (await statusOf(pair)).primary
  const [again, page] = await Promise.all([
    replica.get(here, { accept: '' }),
    replica.get('/ada/dev/+simple/anchor/', { accept: SIMPLE }),
  ])
  await wire.join(primary.app.url)
  await until(async () => (await replica.get(there, { accept: '' })).status === 200)

  assert.ok(got.bytes.equals(wheel.bytes))
  const since = new Date(problem.since * 1000).toISOString()
  assert.ok(refused.text.includes(refuse('blob-away', { since }).message), refused.text)
  assert.equal(refused.headers['retry-after'], '5')
  assert.ok(again.bytes.equals(wheel.bytes))
  assert.equal(page.json.files.length, 4)
})

test('with --blobs on-demand nothing comes before it is asked for, and then stays', async () => {
  await using pair = await startFilled({ blobs: 'on-demand' })
  const { replica, wire } = pair
  assert.deepEqual(await listHere(pair), [])
  const path = await pathOf(pair, files[0]!)

  const got = await replica.get(path, { accept: '' })
  await until(async () => (await listHere(pair)).length === 1)
  await wire.cut()
  const again = await replica.get(path, { accept: '' })

  assert.ok(got.bytes.equals(files[0]!.bytes) && again.bytes.equals(got.bytes))
  const { blobs, 'replication-errors': errors } = await statusOf(pair)
  assert.deepEqual([blobs.kept, blobs.filter, errors], ['on-demand', null, {}])
})

test('another filter after a restart gets what it names, and a sweep removes what it leaves out', async () => {
  await using pair = await startFilled(filter('project=buoy'))
  const { replica } = pair

  await replica.restart(filter('index=ada/more project=anchor,buoy'))
  await pair.complete()
  assert.deepEqual(await listHere(pair), namesOf(4, 5))
  assert.equal((await statusOf(pair)).blobs['left-out'], 5)

  await replica.restart(filter('index=ada/dev'))
  await pair.complete()
  assert.deepEqual(await listHere(pair), namesOf(0, 1, 2, 3, 4, 5))
  const { ledger, blobs } = replica.app.store
  const cwd = replica.folder.path
  const young = await runCommand(['admin', 'sweep', '--left-out', '--dir', cwd], { cwd })
  const leftOut = await getLeftOutBlobs(makeConfig({ dir: cwd }, cwd), ledger)
  const olderThanMs = 3_600_000
  await sweep(blobs, (digest) => !leftOut.has(digest), { olderThanMs, now: Date.now() + 7_200_000 })

  assert.equal(young.stdout, 'blobs: 0 removed, 0B\nunfinished files: 0 removed\n', young.output)
  assert.deepEqual(await listHere(pair), namesOf(0, 1, 2, 3))
})

test('a check of a replica counts what it leaves out, and misses only the rest', async () => {
  await using pair = await startFilled(filter('project=buoy'))
  const { replica } = pair
  const cwd = replica.folder.path
  const verify = (...flags: string[]) =>
    runCommand(['admin', 'verify', '--dir', cwd, ...flags], { cwd })

  const [whole, json] = [await verify(), await verify('--json')]
  await localBlobs(replica).remove(files[5]!.sha256)
  const lacking = await verify()

  assert.equal(whole.code, 0, whole.output)
  assert.match(whole.stdout, /^blobs: 2 read, 0 damaged, 0 missing, 4 left out by choice$/m)
  assert.equal(JSON.parse(json.stdout).leftOut, 4)
  assert.equal(lacking.code, 1)
  assert.match(lacking.stdout, /1 missing, 4 left out by choice\nmissing: .* of file\/bob\/dev\//)
})

test('no other folder is swept of what a filter leaves out', async () => {
  await using pair = await startFilled({})
  const sweepOut = ({ folder: { path } }: Api) =>
    runCommand(['admin', 'sweep', '--left-out', '--dir', path], { cwd: path })

  const [primary, replica] = [await sweepOut(pair.primary), await sweepOut(pair.replica)]

  assert.equal(primary.code, 1)
  assert.match(primary.output, /holds no replica: its files may be nowhere else/)
  assert.equal(replica.code, 1)
  assert.match(replica.output, /was last started to keep all files/)
})

test('of the newest versions a replica gets each as it becomes one of them', async () => {
  await using pair = await startFilled(filter('newest=1 project=anchor'))
  const { primary } = pair
  const next = sent('ada/dev', 'anchor', '4.0')
  await send(pair, next)
  await pair.complete()
  const leftOut = async () => (await statusOf(pair)).blobs['left-out']
  assert.deepEqual(await listHere(pair, [next]), [next.filename])
  assert.equal(await leftOut(), 6)

  for (const version of ['4.0', '3.0rc1', '2.0']) {
    const { status, text } = await primary.del(`/ada/dev/anchor/${version}?force`, { as: 'ada' })
    assert.equal(status, 200, text)
  }
  await pair.complete()

  assert.ok((await listHere(pair)).includes(files[0]!.filename))
  assert.equal(await leftOut(), 2)
})

test('a filter that names what cannot be is refused before anything starts', async () => {
  await using secret = await makeSharedSecret()
  const config = { secretFile: secret.path, primaryUrl: 'http://127.0.0.1:1' }
  for (const [text, reason] of [
    ['platform=linux', /no wheel has the platform tag 'linux'/],
    ['project=-', /project=- is no name of a project/],
    ['lock=/nowhere/uv.lock', /uv\.lock cannot be read \(ENOENT\)/],
  ] as const) {
    await assert.rejects(startApi({ config: { ...config, ...filter(text) } }), reason)
  }
})
