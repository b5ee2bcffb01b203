import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { StorageFailure } from '#base/failure'
import { key } from './key.ts'
import { LEDGER_FILE, networkFolderRefusal, openLedger } from './open-ledger.ts'

const greeting = key<string>('greeting')

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelyard-ledger-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

test('the ledger of a folder is made when missing and found again', async (t) => {
  const folder = await makeFolder(t)
  const first = await openLedger(folder, { clock: { now: () => 42 } })
  await first.write('root', async (tx) => tx.set(greeting, 'hello'))
  await first.close()

  const second = await openLedger(folder)

  assert.equal(await second.read((tx) => tx.get(greeting)), 'hello')
  assert.equal((await second.change(0))?.at, 42)
  await second.close()
})

test('only the owner of the data folder can read the ledger', async (t) => {
  const folder = await makeFolder(t)
  const ledger = await openLedger(folder)
  await ledger.write('root', async (tx) => tx.set(greeting, 'hello'))

  for (const ending of ['', '-wal', '-shm']) {
    assert.equal((await stat(join(folder, LEDGER_FILE + ending))).mode & 0o777, 0o600, ending)
  }
  await ledger.close()
})

test('a ledger that is no SQLite file, or in no folder, is a storage failure', async (t) => {
  const folder = await makeFolder(t)
  await writeFile(join(folder, LEDGER_FILE), 'something else '.repeat(100))

  await assert.rejects(openLedger(folder), StorageFailure)
  await assert.rejects(openLedger(join(folder, 'missing')), StorageFailure)
})

test('a data folder on a network file system is refused with advice', () => {
  const refusal = networkFolderRefusal('/srv/data', 'nfs')

  assert.match(refusal.message, /\/srv\/data.*network file system \(nfs\)/)
  assert.match(refusal.tries.join(), /local disk/)
})

test('a ledger with one writer is written in no other name', async (t) => {
  const ledger = await openLedger(await makeFolder(t), { soleWriter: 'devpi' })
  await ledger.write('devpi', async (tx) => tx.set(greeting, 'hello'))

  await assert.rejects(
    ledger.write('mirror', async (tx) => tx.set(greeting, 'other')),
    { name: 'FollowerWrites' },
  )
  assert.equal(await ledger.read((tx) => tx.get(greeting)), 'hello')
  await ledger.close()
})
