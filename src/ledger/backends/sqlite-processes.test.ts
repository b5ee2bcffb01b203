/** SQLite's ledger in several processes, and in one that is killed. */
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { startProcess, type RunningProcess } from '../../../test/support/process.ts'
import { makeTempFolder } from '../../../test/support/temp.ts'
import type { Ledger } from '../ledger.ts'
import { openLedger } from '../open-ledger.ts'
import { addOne, counter, listThings, thing } from './contract/check.ts'

const program = fileURLToPath(import.meta.resolve('../../../test/support/ledger-writer.ts'))

function startWriter(folder: string, writer: string, writes: number): RunningProcess {
  return startProcess(process.execPath, [program, folder, writer, `${writes}`], { env: {} })
}

async function waitForEnd(writer: RunningProcess): Promise<void> {
  assert.equal(await writer.exited, 0, writer.stdout + writer.stderr)
  assert.match(writer.stdout, /^heard all$/m)
}

/** The whole lines that a writer has printed: each was acknowledged before. */
function acknowledged({ stdout }: RunningProcess): string[] {
  return stdout.split('\n').slice(0, -1)
}

const countOf = (ledger: Ledger): Promise<number | undefined> =>
  ledger.read((tx) => tx.get(counter))

test('processes that write to one folder lose nothing, and each hears of all', async () => {
  await using folder = await makeTempFolder('ledger')
  const ledger = await openLedger(folder.path)
  const heard: number[] = []
  ledger.follow(({ serial }) => heard.push(serial))
  await using first = startWriter(folder.path, 'first', 100)
  await using second = startWriter(folder.path, 'second', 100)

  for (let i = 0; i < 50; i++) await addOne(ledger)
  await Promise.all([waitForEnd(first), waitForEnd(second)])

  assert.equal(await countOf(ledger), 250)
  assert.deepEqual(
    heard,
    Array.from({ length: 250 }, (_, serial) => serial),
  )
  assert.deepEqual(await ledger.verify(), { serials: 250, broken: undefined })
  await ledger.close()
})

test('processes that start on a new folder at once all come up', async () => {
  await using folder = await makeTempFolder('ledger')
  const writers = ['a', 'b', 'c', 'd'].map((name) => startWriter(folder.path, name, 4))

  await Promise.all(writers.map(waitForEnd))

  const ledger = await openLedger(folder.path)
  assert.equal(await countOf(ledger), 16)
  assert.deepEqual(await ledger.verify(), { serials: 16, broken: undefined })
  await ledger.close()
})

test('the past reads the same while another process writes', async () => {
  await using folder = await makeTempFolder('ledger')
  const ledger = await openLedger(folder.path)
  await using writer = startWriter(folder.path, 'writer', 200)
  await writer.until(() => (acknowledged(writer).length >= 10 ? true : undefined))
  await ledger.catchUp()
  const { serial } = ledger
  const before = await listThings(ledger, serial)

  while (!writer.hasExited) {
    assert.deepEqual(await listThings(ledger, serial), before)
    await nextTurn()
  }

  await waitForEnd(writer)
  assert.deepEqual(await listThings(ledger, serial), before)
  assert.equal(Object.keys(before).length, serial + 1)
  assert.equal(Object.keys(await listThings(ledger)).length, 200)
  await ledger.close()
})

test('a writer that is killed in the middle leaves every acknowledged change, and no half one', async () => {
  await using folder = await makeTempFolder('ledger')
  const watching = await openLedger(folder.path)

  for (let round = 0; round < 5; round++) {
    await using writer = startWriter(folder.path, `round${round}`, 0)
    await writer.until(() => (acknowledged(writer).length >= 3 + round * 11 ? true : undefined))
    await writer.kill('SIGKILL')

    // Opened anew, and by a process that has had it open all the time.
    const opened = await openLedger(folder.path)
    for (const ledger of [opened, watching]) {
      const things = await listThings(ledger)
      for (const name of acknowledged(writer)) assert.equal(things[name], name)
      assert.equal(await countOf(ledger), Object.keys(things).length)
      assert.deepEqual(await ledger.verify(), { serials: ledger.serial + 1, broken: undefined })
    }
    await opened.write('root', async (tx) => tx.set(thing('after'), round))
    await opened.write('root', async (tx) => tx.remove(thing('after')))
    await opened.close()
  }

  await watching.close()
})
