import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { stat } from 'node:fs'
import { tmpdir } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { runProcess } from '../../../test/support/process.ts'
import { makeTempFolder, type TempFolder } from '../../../test/support/temp.ts'
import { UnknownFormat } from '../backend.ts'
import { LEDGER_FILE, openLedger } from '../open-ledger.ts'
import { ledgerContract } from './contract.ts'
import { setThings } from './contract/check.ts'
import { SqliteBackend } from './sqlite.ts'

ledgerContract('SQLite', async () => {
  const folder = await makeTempFolder('ledger')
  const open = (): SqliteBackend => new SqliteBackend(folder.join(LEDGER_FILE))
  return { backend: open(), reopen: async () => open(), close: () => folder.remove() }
})

/** Runs SQL on the file of a ledger, behind its back. */
function alter(folder: TempFolder, sql: string): void {
  using db = new DatabaseSync(folder.join(LEDGER_FILE))
  db.exec(sql)
}

test('a row that was altered in the file is found at its serial', async () => {
  await using folder = await makeTempFolder('ledger')
  const ledger = await openLedger(folder.path)
  await setThings(ledger, { a: 1, b: 1 })
  await setThings(ledger, { a: 2 })
  await setThings(ledger, { a: undefined, c: 1 })
  await setThings(ledger, { d: 1 })

  for (const [what, sql, broken] of [
    ['a value', `UPDATE entry SET value = '9' WHERE key = 'thing/a' AND born = 1`, 1],
    ['a key', `UPDATE entry SET key = 'thing/x' WHERE key = 'thing/c'`, 2],
    ['a death later', `UPDATE entry SET died = 3 WHERE key = 'thing/a' AND born = 1`, 2],
    ['a death that never was', `UPDATE entry SET died = 0 WHERE key = 'thing/b'`, 0],
    ['a life after its end', `UPDATE entry SET died = NULL WHERE key = 'thing/a' AND born = 0`, 1],
    ['a key more', `INSERT INTO entry VALUES ('thing/e', 3, NULL, '1')`, 3],
    ['a key in the future', `INSERT INTO entry VALUES ('thing/e', 9, NULL, '1')`, 9],
    ['a key less', `DELETE FROM entry WHERE key = 'thing/d'`, 3],
    ['an actor', `UPDATE change SET actor = 'eve' WHERE serial = 2`, 2],
    ['a change less', `DELETE FROM change WHERE serial = 1`, 1],
    ['a hash', `UPDATE change SET hash = upper(hash) WHERE serial = 3`, 3],
  ] as const) {
    await using copy = await makeTempFolder('ledger')
    alter(folder, `VACUUM INTO '${copy.join(LEDGER_FILE)}'`)
    alter(copy, sql)
    const altered = await openLedger(copy.path)
    assert.equal((await altered.verify()).broken, broken, what)
    await altered.close()
  }
  await ledger.close()
})

test('who asks in a later turn of the event loop hears of what was committed since the last look', async () => {
  await using folder = await makeTempFolder('ledger')
  const ledger = await openLedger(folder.path)
  await setThings(ledger, { a: 1 })

  await new Promise((resolve) => {
    setImmediate(() => {
      stat(folder.path, resolve) // its end comes in once this turn is over
      void ledger.catchUpOnce()
      alter(folder, `INSERT INTO change VALUES (1, 1000, 'another', 1, 1, '')`)
    })
  })
  await ledger.catchUpOnce()

  assert.equal(ledger.serial, 1)
  await ledger.close()
})

test('a file with the tables of a later version is not opened', async () => {
  await using folder = await makeTempFolder('ledger')
  await (await openLedger(folder.path)).close()
  alter(folder, 'PRAGMA user_version = 2')

  await assert.rejects(openLedger(folder.path), UnknownFormat)
})

const ownMounts = ['--user', '--map-root-user', '--mount'] as const
const mayMount =
  spawnSync('unshare', [...ownMounts, 'mount', '-t', 'tmpfs', 'none', tmpdir()]).status === 0

test(
  'on a full disk writes fail as a full store, nothing is lost, and all works again once there is room',
  { skip: mayMount ? false : 'may not mount a small disk here' },
  async () => {
    await using folder = await makeTempFolder('ledger')
    const program = fileURLToPath(
      import.meta.resolve('../../../test/support/ledger-on-full-disk.ts'),
    )
    const script = 'mount -t tmpfs -o size=4m none "$2" && exec "$0" "$1" "$2"'

    const { output } = await runProcess(
      'unshare',
      [...ownMounts, 'sh', '-c', script, process.execPath, program, folder.path],
      { env: { PATH: process.env['PATH'] ?? '' } },
    )

    assert.equal(output, 'copes\n')
  },
)
