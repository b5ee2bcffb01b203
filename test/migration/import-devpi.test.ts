/** What a real devpi-server exported is here afterwards: users, indexes, pages, files, documentation, results. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { lstat } from 'node:fs/promises'
import { runCommand, startCommand } from '../support/command.ts'
import { logIn } from '../support/devpi-api.ts'
import { devpiExport } from '../support/devpi-export.ts'
import { later, mirrored, startDevpiWorld, wheel, type DevpiWorld } from '../support/devpi-world.ts'
import { assertDone } from '../support/installers.ts'
import { readSite } from '../support/site-content.ts'
import { makeTempFolder, type TempFolder } from '../support/temp.ts'
import { startYard } from '../support/yard.ts'

let world: DevpiWorld
let home: TempFolder
before(async () => {
  world = await startDevpiWorld()
  home = await makeTempFolder('import-devpi')
})
after(async () => {
  await world[Symbol.asyncDispose]()
  await home.remove()
})

const importInto = (folder: string, from: string, ...options: readonly string[]) =>
  runCommand(['admin', 'import-devpi', from, '--dir', folder, ...options], { cwd: home.path })

test('all that a devpi-server shows is shown after the import of its export', async () => {
  const folder = home.join('first')
  await devpiExport(world.devpi.folder, home.join('export'))

  const ran = await importInto(folder, home.join('export'))

  assertDone(ran)
  await using yard = await startYard({ folder })
  const without = ['root/far']
  const theirs = await readSite({ url: world.devpi.url(), without })
  const ours = await readSite({ url: yard.url(), without })
  assert.deepEqual(ours, theirs)
  assert.equal(Object.keys(theirs.files).length, 11)
  for (const user of ['alice', 'bob']) assert.ok(await logIn(yard.url(), user, 'pw'))
  await assert.rejects(logIn(yard.url(), 'alice', 'wrong'), /401/)
})

test('mirrored files that were exported lie at their old addresses, with the upstream away too', async () => {
  const folder = home.join('mirrored')
  await devpiExport(world.devpi.folder, home.join('with-mirrored'), ['--include-mirrored-files'])

  const ran = await importInto(folder, home.join('with-mirrored'), '--hard-links')

  assertDone(ran)
  await using yard = await startYard({ folder, args: ['--offline-mode'] })
  const from = yard.url('root/far/+simple/chain/')
  const page = await (await fetch(from)).text()
  const [, path = ''] = /href="([^"#]+)#sha256=/.exec(page) ?? []
  const file = await fetch(new URL(path, from))
  assert.equal(file.status, 200)
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), mirrored.bytes)
  assert.match(path, new RegExp(`\\+f/${mirrored.sha256.slice(0, 3)}/`))
  assert.match(page, /data-requires-python="&gt;=3\.6"/)
  assert.match(page, /data-yanked="too heavy"/)
})

test('with hard links the bytes are there once, and the export can go', async () => {
  const folder = home.join('linked')
  await devpiExport(world.devpi.folder, home.join('to-link'), ['--hard-links'])

  const ran = await importInto(folder, home.join('to-link'), '--hard-links')

  assertDone(ran)
  assert.match(ran.stdout, /files: 11 taken over, 0 already here/)
  const { sha256 } = wheel
  const blob = await lstat(`${folder}/blobs/sha256/${sha256.slice(0, 2)}/${sha256}`)
  assert.equal(blob.nlink, 3, 'of devpi, of the export, and here')
})

test('a later export brings what is new, and with --prune takes away what is gone', async () => {
  const folder = home.join('again')
  await devpiExport(world.devpi.folder, home.join('before'))
  assertDone(await importInto(folder, home.join('before')))
  await using yard = await startYard({ folder })
  await world.say(later)
  await devpiExport(world.devpi.folder, home.join('after'))

  const ran = await importInto(folder, home.join('after'), '--prune')
  const again = await importInto(folder, home.join('after'), '--prune')

  assertDone(ran)
  assert.match(ran.stdout, /files: 2 taken over, 10 already here/)
  assert.match(ran.stdout, /removed: 0 users, 1 indexes, 3 entries/)
  assertDone(again)
  assert.match(again.stdout, /files: 0 taken over, 12 already here/)
  const without = ['root/far']
  const theirs = await readSite({ url: world.devpi.url(), without })
  assert.deepEqual(await readSite({ url: yard.url(), without }), theirs, 'beside a running server')
})

test('an import that was killed is not served, and goes on where it was', async () => {
  const folder = home.join('killed')
  await devpiExport(world.devpi.folder, home.join('to-kill'))
  const args = ['admin', 'import-devpi', home.join('to-kill'), '--dir', folder]
  const first = startCommand(args, { cwd: home.path })
  await first.until(() => (/^\[3\/\d+\]/m.test(first.stderr) ? true : undefined))
  await first.kill('SIGKILL')

  const served = await runCommand(['serve', '--dir', folder, '--port', '0'], { cwd: home.path })
  const second = await importInto(folder, home.join('to-kill'))

  assert.notEqual(served.code, 0)
  assert.match(served.output, /killed holds a half of the devpi export/)
  assert.match(served.output, /Try: wheelyard admin import-devpi .*to-kill --dir/)
  assertDone(second)
  await using yard = await startYard({ folder })
  const without = ['root/far']
  const theirs = await readSite({ url: world.devpi.url(), without })
  assert.deepEqual(await readSite({ url: yard.url(), without }), theirs)
})
