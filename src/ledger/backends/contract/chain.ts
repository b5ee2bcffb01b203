/** The chain: hashes, epochs and formats. */
import assert from 'node:assert/strict'
import { UnknownFormat, type LedgerBackend } from '../../backend.ts'
import { CHANGE_FORMAT, emptyHead, hashChange, type Change } from '../../change.ts'
import { Ledger, StaleEpoch } from '../../ledger.ts'
import { listThings, setThings, type Check } from './check.ts'

/** Commits a change as another version of the program, or a server promoted since, would do it. */
async function appendAs(
  backend: LedgerBackend,
  { epoch = 1, format = CHANGE_FORMAT }: Partial<Pick<Change, 'epoch' | 'format'>>,
): Promise<void> {
  await backend.exclusive(async (writer) => {
    const { serial, hash } = writer.head
    const entries = [{ path: 'thing/other', value: '1' }]
    const change = { serial: serial + 1, at: 2_000, actor: 'other', epoch, format, entries }
    await writer.append({ ...change, hash: hashChange(hash, change) })
  })
}

export function chainContract(check: Check): void {
  check('each change is chained to the one before by its hash', async ({ ledger }) => {
    await setThings(ledger, { a: 1 })
    await setThings(ledger, { a: 2, b: undefined })
    await setThings(ledger, { a: undefined })

    let previous = emptyHead.hash
    for (const serial of [0, 1, 2]) {
      const change = (await ledger.change(serial))!
      assert.equal(change.hash, hashChange(previous, change))
      previous = change.hash
    }
    assert.deepEqual(await ledger.verify(), { serials: 3, broken: undefined })
  })

  check('names that are no well-formed text do not break the chain', async ({ ledger }) => {
    await ledger.write('odd \ud800 \u0000 😀 name', async (tx) => {
      tx.set({ path: 'thing/a' }, 'odd \udfff value')
    })

    assert.equal((await ledger.change(0))?.actor, 'odd \ufffd \u0000 😀 name')
    assert.deepEqual(await listThings(ledger), { a: 'odd \udfff value' })
    assert.deepEqual(await ledger.verify(), { serials: 1, broken: undefined })
  })

  check('a change that was altered is found at its serial', async ({ ledger, backend }) => {
    for (const n of [0, 1, 2, 3]) await setThings(ledger, { a: n, b: n % 2 })

    for (const altered of [
      { at: 1 },
      { actor: 'eve' },
      { hash: '0'.repeat(64) },
      { entries: [{ path: 'thing/a', value: '99' }] },
      undefined,
    ]) {
      const lying = Object.create(backend, {
        head: { value: () => backend.head() },
        findUnsoundLife: { value: () => backend.findUnsoundLife() },
        change: {
          value: async (serial: number) => {
            const change = await backend.change(serial)
            return serial === 2 ? altered && { ...change, ...altered } : change
          },
        },
      }) as LedgerBackend
      const opened = await Ledger.open(lying)
      assert.deepEqual(await opened.verify(), { serials: 4, broken: 2 })
    }
  })

  check(
    'a writer with an older epoch is refused; it still reads',
    async ({ ledger, backend, reopen }) => {
      await setThings(ledger, { a: 1 })
      await appendAs(backend, { epoch: 2 })

      await assert.rejects(setThings(ledger, { a: 2 }), StaleEpoch)

      assert.deepEqual(await listThings(ledger), { a: 1, other: 1 })
      const promoted = await reopen()
      assert.equal(promoted.epoch, 2)
      await setThings(promoted, { a: 3 })
      assert.equal((await promoted.change(2))?.epoch, 2)
      assert.deepEqual(await promoted.verify(), { serials: 3, broken: undefined })
    },
  )

  check('a ledger of a later format is not opened', async ({ backend, reopen }) => {
    await appendAs(backend, { format: CHANGE_FORMAT + 1 })

    await assert.rejects(reopen(), UnknownFormat)
  })

  check(
    'a program does not write behind a change of a later format',
    async ({ ledger, backend }) => {
      await setThings(ledger, { a: 1 })
      await appendAs(backend, { format: CHANGE_FORMAT + 1 })

      await assert.rejects(setThings(ledger, { a: 2 }), UnknownFormat)

      assert.equal((await backend.head()).serial, 1)
    },
  )

  check(
    'a transaction whose writer failed commits nothing, even if the failure was caught',
    async ({ ledger, backend }) => {
      await setThings(ledger, { a: 1 })
      const existing = (await ledger.change(0))!

      const spoiled = backend.exclusive(async (writer) => {
        await writer.append({ ...existing, serial: 1, entries: [{ path: 'thing/a', value: '2' }] })
        await writer.append(existing).catch(() => {})
      })

      await assert.rejects(spoiled)
      assert.equal((await backend.head()).serial, 0)
      await setThings(ledger, { a: 3 })
      assert.deepEqual(await ledger.verify(), { serials: 2, broken: undefined })
    },
  )
}
