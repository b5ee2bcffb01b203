import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { sha256 } from '#base/digest'
import type { BlobStore, Sha256 } from '../blob-store.ts'
import { blobStoreContract } from './contract.ts'
import { openFilesystemBlobs } from './filesystem.ts'

const run = promisify(execFile)

async function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'wheelyard-blobs-'))
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await makeFolder()
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function keep(store: BlobStore, text: string): Promise<Sha256> {
  await using staged = await store.stage(Readable.from([Buffer.from(text)]))
  await staged.keep()
  return staged.digest
}

blobStoreContract('filesystem', async () => {
  const folder = await makeFolder()
  return {
    store: await openFilesystemBlobs(join(folder, 'new', 'blobs')),
    close: () => rm(folder, { recursive: true }),
  }
})

test('a blob is a file named by its digest, readable by others', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openFilesystemBlobs(folder)

  const digest = await keep(store, 'abc')

  const path = join(folder, 'sha256', 'ba', sha256('abc'))
  assert.equal(await store.localPath(digest), path)
  assert.equal(await readFile(path, 'utf8'), 'abc')
  assert.equal((await stat(path)).mode & 0o777, 0o644 & ~process.umask())
  assert.deepEqual(await readdir(join(folder, 'tmp')), [])
})

test('two stores on one folder see the same blobs', async (t) => {
  const folder = await temporaryFolder(t)
  const [one, other] = [await openFilesystemBlobs(folder), await openFilesystemBlobs(folder)]

  const digest = await keep(one, 'abc')
  await keep(other, 'abc')

  assert.equal(await other.size(digest), 3)
})

test('a blob that was cut short is replaced when its bytes come again', async (t) => {
  const store = await openFilesystemBlobs(await temporaryFolder(t))
  const digest = await keep(store, 'whole')
  const path = (await store.localPath(digest))!
  await writeFile(path, 'wh')

  await keep(store, 'whole')

  assert.equal(await readFile(path, 'utf8'), 'whole')
})

test('what a crash left behind is cleared once it is old, and never listed', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openFilesystemBlobs(folder)
  const hour = 3_600_000
  const old = new Date(Date.now() - 2 * hour)
  await writeFile(join(folder, 'tmp', 'left-behind'), 'half a whe')
  await utimes(join(folder, 'tmp', 'left-behind'), old, old)
  await using running = await store.stage(Readable.from([Buffer.from('still coming')]))

  const again = await openFilesystemBlobs(folder)

  assert.deepEqual(await Array.fromAsync(again.list()), [])
  assert.equal(await again.clearStaging(hour), 1)
  await running.keep()
  assert.equal(await again.size(running.digest), 12)
})

test('a blob whose staged file was cleared fails to be kept, and the store is unharmed', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openFilesystemBlobs(folder)
  await using staged = await store.stage(Readable.from([Buffer.from('slow')]))

  await store.clearStaging(-1000)

  await assert.rejects(staged.keep(), { name: 'StorageFailure', isFull: false })
  assert.equal(await store.size(staged.digest), undefined)
})

test('files that are no blobs are not listed', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openFilesystemBlobs(folder)
  const digest = await keep(store, 'abc')
  await writeFile(join(folder, 'sha256', 'ba', 'README'), '')
  await writeFile(join(folder, 'sha256', 'ba', sha256('elsewhere')), '')
  await mkdir(join(folder, 'sha256', 'lost+found'))

  assert.deepEqual(await Array.fromAsync(store.list()), [digest])
})

test(
  'a reader that goes away early lets go of the file',
  { skip: !existsSync('/proc/self/fd') },
  async (t) => {
    const folder = await temporaryFolder(t)
    const store = await openFilesystemBlobs(folder)
    const digest = await keep(store, 'x'.repeat(1_000_000))

    for (let i = 0; i < 3; i++) {
      const { stream } = (await store.open(digest))!
      if (i > 0) await new Promise((read) => stream.once('readable', () => read(undefined)))
      const closed = new Promise((close) => stream.once('close', () => close(undefined)))
      stream.destroy()
      await closed
    }
    await store.close() // the folders that were synced

    assert.deepEqual(await openPaths(folder), [])
  },
)

/** Which files below a folder this process has open. */
async function openPaths(folder: string): Promise<string[]> {
  const paths = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  return paths.filter((path) => path.startsWith(folder))
}

/** Stores 1 kB, fails to store 1 MB, then stores 2 kB; run where less than 1 MB fits. */
const fillUp = `
  import { readdirSync } from 'node:fs'
  const { openFilesystemBlobs } = await import(${JSON.stringify(import.meta.resolve('./filesystem.ts'))})
  const store = await openFilesystemBlobs(process.argv[1])
  async function* body(kilobytes) {
    for (let i = 0; i < kilobytes; i++) yield Buffer.alloc(1000, i)
  }
  const outcomes = []
  for (const kilobytes of [1, 1000, 2]) {
    try {
      await using staged = await store.stage(body(kilobytes))
      await staged.keep()
      outcomes.push('kept')
    } catch (error) {
      outcomes.push(error.name + (error.isFull ? ' full' : ''))
    }
  }
  console.log(outcomes.join(', ') + ', left: ' + readdirSync(process.argv[1] + '/tmp').length)
`
const outcome = 'kept, StorageFailure full, kept, left: 0\n'

test('a file that grows over the limit of the process is a full store, and leaves nothing', async (t) => {
  const folder = await temporaryFolder(t)

  const { stdout } = await run('sh', [
    '-c',
    'ulimit -f 200; exec "$0" --input-type=module -e "$1" "$2"',
    process.execPath,
    fillUp,
    folder,
  ])

  assert.equal(stdout, outcome)
})

const ownMounts = ['unshare', ['--user', '--map-root-user', '--mount']] as const
const mayMount =
  spawnSync(ownMounts[0], [...ownMounts[1], 'mount', '-t', 'tmpfs', 'none', tmpdir()]).status === 0

test(
  'a full disk is a full store, and works again with smaller files',
  { skip: mayMount ? false : 'may not mount a small disk here' },
  async (t) => {
    const folder = await temporaryFolder(t)
    const script = `mount -t tmpfs -o size=500k none "$2" && exec "$0" --input-type=module -e "$1" "$2"`

    const { stdout } = await run(ownMounts[0], [
      ...ownMounts[1],
      ...['sh', '-c', script, process.execPath, fillUp, folder],
    ])

    assert.equal(stdout, outcome)
  },
)

const keepTwice = `
  const { openFilesystemBlobs } = await import(${JSON.stringify(import.meta.resolve('./filesystem.ts'))})
  const store = await openFilesystemBlobs(process.argv[1])
  const body = async function* () { yield Buffer.alloc(+process.argv[2], 'abc') }
  for (const round of [1, 2]) {
    await using staged = await store.stage(body())
    await staged.keep()
    process.stderr.write('kept')
  }
  if (process.argv[3] === 'close') await store.close()
`
const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
const traced = { skip: hasStrace ? false : 'strace does not run here' }

/** The calls that make the bytes of two equal blobs durable, as `FOLDER` and `FOLDER/…` for the folder of theirs. */
async function traceKeeping(t: TestContext, size: number, ...how: string[]): Promise<string[]> {
  const folder = await temporaryFolder(t)
  const log = join(folder, 'strace.log')
  await run('strace', [
    ...['-f', '-y', '-e', 'trace=fsync,fdatasync,rename,unlink,write', '-s', '4', '-o', log],
    ...[process.execPath, '--input-type=module', '-e', keepTwice, folder, `${size}`, ...how],
  ])
  const lines = (await readFile(log, 'utf8')).split('\n')
  return keepCalls(lines, folder)
}

function keepCalls(lines: readonly string[], folder: string): string[] {
  const calls = lines.flatMap((line) => {
    const [, called, path] =
      /\b(fsync|fdatasync)\(\d+<([^>]*)>/.exec(line) ??
      /\b(rename|unlink)\("([^"]*)"/.exec(line) ??
      []
    if (path?.startsWith(folder)) {
      const [first = '', second = ''] = path.slice(folder.length + 1).split('/')
      // Names of the process's own, and digests, are of no interest.
      const shown = first === 'sha256' && second ? 'sha256/ab' : first
      const isFile = path.split('/').length > folder.split('/').length + shown.split('/').length
      return [`${called} ${shown}${isFile ? '/…' : ''}`]
    }
    return /"kept"/.test(line) ? ['kept'] : []
  })
  return calls.slice(calls.findIndex((call) => /journal|tmp/.test(call)))
}

test(
  'a large file, its folder and a new folder’s name are synced before a blob counts as kept',
  traced,
  async (t) => {
    const calls = await traceKeeping(t, 100_000)

    assert.deepEqual(calls, [
      ...['fsync tmp/…', 'rename tmp/…', 'fsync sha256', 'fsync sha256/ab', 'kept'],
      // The second time the same bytes take the place of the first.
      ...['fsync tmp/…', 'rename tmp/…', 'fsync sha256/ab', 'kept'],
    ])
  },
)

test(
  'a small one is synced in a journal, and where it lies before that goes',
  traced,
  async (t) => {
    const calls = await traceKeeping(t, 1000, 'close')

    assert.deepEqual(calls, [
      ...['fsync journal', 'fdatasync journal/…', 'rename tmp/…', 'kept'],
      ...['fdatasync journal/…', 'rename tmp/…', 'kept'],
      ...['fsync sha256/ab/…', 'fsync sha256', 'fsync sha256/ab', 'unlink journal/…'],
    ])
  },
)

test('what comes in while a journal is synced shares its next sync', traced, async (t) => {
  const folder = await temporaryFolder(t)
  const log = join(folder, 'strace.log')
  const keepMany = `
    const { openFilesystemBlobs } = await import(${JSON.stringify(import.meta.resolve('./filesystem.ts'))})
    const store = await openFilesystemBlobs(process.argv[1])
    const body = async function* (at) { yield Buffer.from('blob ' + at) }
    const staged = await Promise.all(Array.from({ length: 20 }, (_, at) => store.stage(body(at))))
    await Promise.all(staged.map((one) => one.keep()))
  `

  await run('strace', [
    ...['-f', '-y', '-e', 'trace=fsync,fdatasync', '-o', log],
    ...[process.execPath, '--input-type=module', '-e', keepMany, folder],
  ])

  const syncs = (await readFile(log, 'utf8')).match(/fdatasync\(\d+<[^>]*\/journal\//g)
  assert.ok(syncs && syncs.length <= 2, `${syncs?.length} syncs`)
})

const journalsIn = (folder: string): Promise<string[]> => readdir(join(folder, 'journal'))

/** No system numbers so many. */
const NO_PROCESS = '99999999'

test('what was removed stays so while the process that kept it is alive', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openFilesystemBlobs(folder)
  const digest = await keep(store, 'removed')
  await store.remove(digest)

  const other = await openFilesystemBlobs(folder)

  assert.equal(await other.size(digest), undefined)
})

test('what is no journal harms nothing', async (t) => {
  const folder = await temporaryFolder(t)
  await openFilesystemBlobs(folder)
  await writeFile(join(folder, 'journal', 'notes.txt'), 'x'.repeat(100_000))

  const digest = await keep(await openFilesystemBlobs(folder), 'abc')

  assert.equal(digest, sha256('abc'))
})

test('after a power loss small blobs are whole again, and what was half written is not there', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openFilesystemBlobs(folder)
  const texts = ['is whole', 'is empty', 'is gone', 'is torn']
  const digests: Sha256[] = []
  for (const text of texts) digests.push(await keep(store, text)) // in the journal in this order
  const [whole = '', empty = '', gone = '', torn = ''] = digests.map((digest) =>
    store.pathOf(digest)!,
  )
  const [name = ''] = await journalsIn(folder)
  const journal = join(folder, 'journal', name)
  await truncate(empty)
  await rm(join(gone, '..'), { recursive: true })
  await rm(torn)
  const written = texts.length * 36 + texts.join('').length // zeros follow
  await truncate(journal, written - 1)
  await rename(journal, join(folder, 'journal', name.replace(/^\d+/, NO_PROCESS)))

  const again = await openFilesystemBlobs(folder)

  assert.deepEqual(await Promise.all(digests.map((digest) => again.size(digest))), [
    8,
    8,
    7,
    undefined,
  ])
  assert.deepEqual(
    await Promise.all([whole, empty, gone].map((path) => readFile(path, 'utf8'))),
    texts.slice(0, 3),
  )
})

test('a journal goes when its store is closed, or when its process has long been dead', async (t) => {
  const folder = await temporaryFolder(t)
  const [living, dead] = [await openFilesystemBlobs(folder), await openFilesystemBlobs(folder)]
  const digest = await keep(dead, 'of the dead')
  const [old = ''] = await journalsIn(folder)
  await keep(living, 'of the living')
  await utimes(join(folder, 'journal', old), 0, 0)

  await living.clearStaging(3_600_000)
  const left = await journalsIn(folder)
  await living.close()

  assert.equal(left.length, 1)
  assert.notEqual(left[0], old)
  assert.deepEqual(await journalsIn(folder), [])
  assert.equal(await (await openFilesystemBlobs(folder)).size(digest), 11)
})

test('who was taken for dead begins another journal', async (t) => {
  const folder = await temporaryFolder(t)
  const [sleeping, other] = [await openFilesystemBlobs(folder), await openFilesystemBlobs(folder)]
  await keep(sleeping, 'before')
  const [old = ''] = await journalsIn(folder)
  await utimes(join(folder, 'journal', old), 0, 0)
  await other.clearStaging(3_600_000)

  await keep(sleeping, 'after')
  const journals = await journalsIn(folder)

  assert.equal(journals.length, 1)
  assert.notEqual(journals[0], old)
  assert.match(await readFile(join(folder, 'journal', journals[0] ?? ''), 'latin1'), /after\0*$/)
})
