import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
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

const keepOne = `
  const { openFilesystemBlobs } = await import(${JSON.stringify(import.meta.resolve('./filesystem.ts'))})
  const store = await openFilesystemBlobs(process.argv[1])
  const body = async function* () { yield Buffer.from('abc') }
  for (const round of [1, 2]) {
    await using staged = await store.stage(body())
    await staged.keep()
    process.stderr.write('kept')
  }
`
const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

test(
  'the file, its folder and a new folder’s name are synced before a blob counts as kept',
  { skip: hasStrace ? false : 'strace does not run here' },
  async (t) => {
    const folder = await temporaryFolder(t)
    const log = join(folder, 'strace.log')

    await run('strace', [
      ...['-f', '-y', '-e', 'trace=fsync,fdatasync,rename,write', '-s', '4', '-o', log],
      ...[process.execPath, '--input-type=module', '-e', keepOne, folder],
    ])

    const calls = keepCalls(await readFile(log, 'utf8'), folder)
    assert.deepEqual(calls.slice(0, 5), [
      'fsync tmp',
      'rename',
      'fsync sha256',
      'fsync sha256/ba',
      'kept',
    ])
    // The second time the same bytes take the place of the first.
    assert.deepEqual(calls.slice(5), ['fsync tmp', 'rename', 'fsync sha256/ba', 'kept'])
  },
)

/** The calls that matter, from the first sync of a staged file on. */
function keepCalls(log: string, folder: string): string[] {
  const calls = log.split('\n').flatMap((line) => {
    const [, synced] = /(?:fsync|fdatasync)\(\d+<([^>]*)>/.exec(line) ?? []
    if (synced?.startsWith(join(folder, 'tmp'))) return ['fsync tmp']
    if (synced?.startsWith(folder)) return [`fsync ${synced.slice(folder.length + 1)}`]
    if (line.includes(` rename("${folder}`)) return ['rename'] // Node renames files of its own
    return /"kept"/.test(line) ? ['kept'] : []
  })
  return calls.slice(calls.indexOf('fsync tmp'))
}
