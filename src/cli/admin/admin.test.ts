/** What looks after a data folder, with and without a running server. */
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { openStore } from '#app-store'
import { keys } from '#registry/keys'
import { setUp } from '#registry/set-up'
import { listNeededBlobs } from '#registry/needed-blobs'
import { readMentionedBlobs } from './named-blobs.ts'
import { runCommand, startCommand } from '../../../test/support/command.ts'
import { makeTempFolder, type TempFolder } from '../../../test/support/temp.ts'

/** A data folder with one uploaded file and one blob that nothing names. */
async function fill(folder: TempFolder) {
  const store = await openStore({ dir: folder.join('wheelyard-data') })
  await setUp(store.ledger, { rootPypi: undefined, rootPassword: '' })
  const [named, unnamed] = await Promise.all(['named', 'unnamed'].map(keep))
  const key = keys.file('root/dev', 'anchor', 'anchor-1.0-py3-none-any.whl')
  const entry = { digest: named!.digest, hashes: {}, version: '1.0', addedAt: 0 }
  await store.ledger.write('root', async (tx) => tx.set(key, entry))
  await store.close()
  return { named: named!, unnamed: unnamed!, path: key.path }

  async function keep(text: string) {
    const staged = await store.blobs.stage(Readable.from([Buffer.from(text)]))
    await staged.keep()
    return { digest: staged.digest, file: (await store.blobs.localPath(staged.digest))! }
  }
}

async function report(folder: TempFolder) {
  const ran = await runCommand(['admin', 'verify', '--json'], { cwd: folder.path })
  return { code: ran.code, ...(JSON.parse(ran.stdout) as Record<string, unknown>) }
}

test('admin verify finds nothing wrong with a sound folder', async () => {
  await using folder = await makeTempFolder('admin')
  await fill(folder)

  const ran = await runCommand(['admin', 'verify'], { cwd: folder.path })

  assert.equal(ran.code, 0, ran.output)
  assert.equal(
    ran.stdout,
    'ledger: 2 serials, the hash chain fits\nblobs: 2 read, 0 damaged, 0 missing\n',
  )
})

test('admin verify names the blob that is damaged and the file whose blob is missing', async () => {
  await using folder = await makeTempFolder('admin')
  const { named, unnamed, path } = await fill(folder)
  await rm(named.file)
  await rm(unnamed.file)
  await writeFile(unnamed.file, 'other bytes')

  const { digest } = named
  const { code, ...found } = await report(folder)
  const forPeople = await runCommand(['admin', 'verify'], { cwd: folder.path })

  assert.equal(code, 1)
  assert.deepEqual(found, {
    ok: false,
    serials: 2,
    brokenSerial: null,
    blobs: 1,
    damaged: [unnamed.digest],
    missing: [{ digest, neededBy: path }],
    leftOut: 0,
  })
  assert.ok(forPeople.stdout.endsWith(`missing: ${digest} of ${path}\n`), forPeople.output)
})

test('admin verify --no-checksum reads no blob, and sees which are missing', async () => {
  await using folder = await makeTempFolder('admin')
  const { named, unnamed, path } = await fill(folder)
  const verify = ['admin', 'verify', '--no-checksum']
  await rm(unnamed.file)
  await writeFile(unnamed.file, 'other bytes')

  const damaged = await runCommand(verify, { cwd: folder.path })
  await rm(named.file)
  const missing = await runCommand(verify, { cwd: folder.path })

  assert.deepEqual([damaged.code, missing.code], [0, 1])
  assert.match(damaged.stdout, /\nblobs: 0 read, 0 damaged, 0 missing\n$/)
  assert.ok(missing.stdout.endsWith(`missing: ${named.digest} of ${path}\n`), missing.output)
})

test('admin sweep leaves what is too young to be judged', async () => {
  await using folder = await makeTempFolder('admin')
  await fill(folder)

  const forPeople = await runCommand(['admin', 'sweep'], { cwd: folder.path })
  const json = await runCommand(['admin', 'sweep', '--json'], { cwd: folder.path })

  assert.deepEqual([forPeople.code, json.code], [0, 0], forPeople.output + json.output)
  assert.equal(forPeople.stdout, 'blobs: 0 removed, 0B\nunfinished files: 0 removed\n')
  assert.deepEqual(JSON.parse(json.stdout), { removed: 0, bytes: 0, leftovers: 0 })
})

test('what a sweep spares is named by a file, also by one that is only remembered', async () => {
  await using folder = await makeTempFolder('admin')
  const { named } = await fill(folder)
  const store = await openStore({ dir: folder.join('wheelyard-data') })
  const key = keys.file('root/dev', 'anchor', 'anchor-1.0-py3-none-any.whl')
  await store.ledger.write('root', async (tx) => tx.remove(key))

  const mentioned = await readMentionedBlobs(store)
  const needed = await Array.fromAsync(listNeededBlobs(store))
  await store.close()

  assert.deepEqual([...mentioned], [named.digest])
  assert.deepEqual(needed, [])
})

test('admin passwd gives a password while the server runs, and only to a user there is', async () => {
  await using folder = await makeTempFolder('admin')
  const flags = ['serve', '--no-root-pypi', '--port', '0']
  await using server = startCommand(flags, { cwd: folder.path })
  const address = await server.until(() => /http:\S+/.exec(server.stdout)?.[0])
  const login = async (password: string) => {
    const body = JSON.stringify({ user: 'root', password })
    return (await fetch(new URL('+login', address), { method: 'POST', body })).status
  }
  const before = await login('')

  const file = await folder.write('password', 'from a file\n')
  const changed = await runCommand(['admin', 'passwd', '--password-file', file], {
    cwd: folder.path,
  })
  const stranger = await runCommand(['admin', 'passwd', 'eve'], { cwd: folder.path, input: 'pw' })

  assert.deepEqual([before, changed.code, stranger.code], [200, 0, 1], changed.output)
  assert.deepEqual([await login('from a file'), await login('')], [200, 401])
  assert.match(stranger.output, /^Error: no user 'eve'\n$/)
})
