/** What looks after a data folder, with and without a running server. */
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { openStore } from '#app'
import { keys } from '#registry/keys'
import { setUp } from '#registry/set-up'
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
  })
  assert.ok(forPeople.stdout.endsWith(`missing: ${digest} of ${path}\n`), forPeople.output)
})

test('admin sweep leaves what is named, and what is too young to be judged', async () => {
  await using folder = await makeTempFolder('admin')
  await fill(folder)

  const young = await runCommand(['admin', 'sweep'], { cwd: folder.path })

  assert.equal(young.code, 0, young.output)
  assert.equal(young.stdout, '0 blobs removed (0B), 0 unfinished files removed\n')
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
