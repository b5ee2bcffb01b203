import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { makeTempFolder } from '../../test/support/temp.ts'
import { setThings } from './backends/contract/check.ts'
import type { Ledger } from './ledger.ts'
import { openLedger } from './open-ledger.ts'

async function withLedger(work: (ledger: Ledger) => Promise<void>): Promise<void> {
  await using folder = await makeTempFolder('ledger')
  const ledger = await openLedger(folder.path)
  try {
    await work(ledger)
  } finally {
    await ledger.close()
  }
}

test('a commit waits for a write that is on its way', () =>
  withLedger(async (ledger) => {
    const coming = ledger.expectWrite()
    const first = setThings(ledger, { a: 1 })
    for (let turn = 0; turn < 3; turn++) await nextTurn()

    coming[Symbol.dispose]()
    await Promise.all([first, setThings(ledger, { b: 1 })])

    assert.deepEqual(ledger.writeCounts, { writes: 2, commits: 1 })
    assert.equal(ledger.serial, 1)
  }))

test('it does not wait for one that stays away, nor for one that was called off', () =>
  withLedger(async (ledger) => {
    using staysAway = ledger.expectWrite()
    await setThings(ledger, { a: 1 })
    staysAway[Symbol.dispose]()

    const calledOff = ledger.expectWrite()
    const write = setThings(ledger, { b: 1 })
    await nextTurn()
    calledOff[Symbol.dispose]()
    calledOff[Symbol.dispose]() // counts once
    await write

    assert.deepEqual(ledger.writeCounts, { writes: 2, commits: 2 })
  }))
