/** The folder of a devpi-server is taken over without asking it, or before. */
import assert from 'node:assert/strict'
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { devpiExport } from '../support/devpi-export.ts'
import { QUICK_COST, startDevpiPrimary, startFollowing } from '../support/devpi-primary.ts'
import { runCommand } from '../support/command.ts'
import { runProcess } from '../support/process.ts'
import { ANCHOR, differences, fillSite, UPSTREAM_FILES } from '../support/moved-site.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { makeTempFolder } from '../support/temp.ts'
import { makeWheel } from '../support/wheel.ts'

const quickly = [
  ...['--argon2-memory-cost', String(QUICK_COST.memory)],
  ...['--argon2-time-cost', String(QUICK_COST.passes)],
  ...['--argon2-parallelism', String(QUICK_COST.parallelism)],
]

async function startFilled() {
  await using stack = new AsyncDisposableStack()
  const upstream = stack.use(await startStaticIndex(UPSTREAM_FILES))
  const primary = stack.use(await startDevpiPrimary())
  await fillSite(primary.client, upstream.url('simple/'))
  const dir = primary.folder.join('yard')
  const take = (from: string, ...more: string[]) =>
    runCommand(['follow-devpi', '--from', from, '--dir', dir, ...quickly, ...more], {
      cwd: primary.folder.path,
    })
  const owned = stack.move()
  return { primary, dir, take, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

test('all that a folder has is taken over, its files as hard links where one likes', async () => {
  await using site = await startFilled()
  const { primary, take } = site

  const taken = await take(primary.server.folder, '--hard-links')
  await using yard = await startFollowing(primary, { hasTakenOver: true })

  assert.equal(taken.code, 0, taken.output)
  const serial = await primary.serial()
  assert.match(
    taken.output,
    new RegExp(`changes: ${serial + 1} taken over, up to serial ${serial}`),
  )
  assert.deepEqual(await differences(primary.server.url(), yard.app.url), [])
  assert.equal((await yard.app.store.ledger.verify()).broken, undefined)
})

test('it is followed on from where its folder ended', async () => {
  await using site = await startFilled()
  const { primary, take } = site
  const { client } = primary
  const taken = await take(primary.server.folder)
  await client.upload('ada/prod', makeWheel('late', '1.0'), { name: 'late', version: '1.0' })
  await client.must('DELETE', '/ada/dev/anchor', { as: 'ada' })
  const again = await take(primary.server.folder)
  await client.must('PATCH', '/ada/dev', { as: 'ada', json: ['title=New'] })

  await using yard = await startFollowing(primary)
  await yard.caughtUp()

  assert.deepEqual([taken.code, again.code], [0, 0])
  assert.deepEqual(await differences(primary.server.url(), yard.app.url), [])
})

test('no command changes it unmeant as long as it follows', async () => {
  await using site = await startFilled()
  const { primary, dir, take } = site
  const cwd = primary.folder.path
  const password = await primary.folder.write('password', 'secret')
  await take(primary.server.folder)
  const change = (...more: string[]) =>
    runCommand(['admin', 'passwd', '--dir', dir, '--password-file', password, ...more], { cwd })

  const refused = await change()
  const followed = await take(primary.server.folder)
  const meant = await change('--end-following')
  const late = await take(primary.server.folder)

  assert.equal(refused.code, 1)
  assert.match(refused.output, /follows a devpi-server, and a change of its own would end that/)
  assert.match(refused.output, /--end-following/)
  assert.deepEqual([followed.code, meant.code, late.code], [0, 0, 1])
  assert.match(late.output, /has been written to since it followed a devpi-server/)
})

test("who follows looks into a folder first: a server's for all, an export for files", async () => {
  await using site = await startFilled()
  const { primary } = site
  const { folder } = primary.server
  const to = primary.folder.join('export')
  await devpiExport(folder, to, ['--include-mirrored-files'])
  // devpi itself can give none of them any more
  const saved = primary.folder.join('saved')
  await cp(folder, saved, { recursive: true })
  await rm(join(folder, '+files'), { recursive: true })

  for (const [name, from] of [
    ['of-export', to],
    ['of-server', saved],
  ] as const) {
    const dir = primary.folder.join(name)
    await using yard = await startFollowing(primary, {
      dir,
      local: { folder: from, hardLinks: false },
    })
    await yard.caughtUp()
    const { blobs } = yard.app.store
    assert.equal(await blobs.size(ANCHOR.sha256), ANCHOR.bytes.length, name)
  }
})

test('files that a folder lacks are named, and all else is taken over', async () => {
  await using site = await startFilled()
  const { primary, take } = site
  const { folder } = primary.server
  const paths = await readdir(join(folder, '+files', 'ada', 'dev'), { recursive: true })
  const lost = paths.find((path) => path.endsWith(ANCHOR.filename)) ?? ''
  await rm(join(folder, '+files', 'ada', 'dev', lost))

  const taken = await take(folder)

  assert.equal(taken.code, 1)
  assert.match(taken.output, /1 files are not there/)
  assert.ok(taken.output.includes(`ada/dev/${lost}: it is not in ${folder}`), taken.output)
})

test('of a server that was killed all is taken over; one whose last write is to be rolled back is refused', async () => {
  await using site = await startFilled()
  const { primary, take } = site
  const serial = await primary.serial()
  process.kill(primary.server.pid, 'SIGKILL')

  const killed = await take(primary.server.folder)
  const file = join(primary.server.folder, '.sqlite')
  const crash = `
    const { DatabaseSync } = require('node:sqlite')
    const db = new DatabaseSync(${JSON.stringify(file)})
    db.exec('PRAGMA journal_mode = DELETE; PRAGMA cache_size = 5; BEGIN; UPDATE changelog SET data = zeroblob(100000)')
    process.kill(process.pid, 'SIGKILL')`
  await runProcess(process.execPath, ['--eval', crash], { env: {} })
  const halfWritten = await take(primary.server.folder)

  assert.equal(killed.code, 0, killed.output)
  assert.match(killed.output, new RegExp(`up to serial ${serial}`))
  assert.equal(halfWritten.code, 1)
  assert.match(halfWritten.output, /start and stop that devpi-server once/)
})

test('what is no folder of a devpi-server, or has lost its history, is refused', async () => {
  await using site = await startFilled()
  const { primary, take } = site
  await using empty = await makeTempFolder('no-devpi')
  const to = primary.folder.join('export')
  await devpiExport(primary.server.folder, to)

  const [none, exported] = await Promise.all([take(empty.path), take(to)])
  {
    using db = new DatabaseSync(join(primary.server.folder, '.sqlite'))
    db.exec('DELETE FROM changelog WHERE serial = 2')
  }
  const purged = await take(primary.server.folder)
  const served = await runCommand(['serve', '--dir', site.dir, '--port', '0'], {
    cwd: primary.folder.path,
  })

  assert.deepEqual([none.code, exported.code, purged.code, served.code], [2, 2, 1, 1])
  assert.match(none.output, /is no devpi-server's folder and no export of one/)
  assert.match(exported.output, /wheelyard admin import-devpi/)
  assert.match(purged.output, /serial 2 is missing in its changelog/)
  assert.match(served.output, /holds a half of the devpi server/)
})
