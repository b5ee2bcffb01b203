/** Writing: all of it or nothing, one after the other, many in one commit. */
import assert from 'node:assert/strict'
import type { WriteTransaction } from '../../transaction.ts'
import { addOne, counter, listThings, setThings, thing, type Check } from './check.ts'

export function writingContract(check: Check): void {
  check('a write that throws leaves nothing', async ({ ledger }) => {
    await setThings(ledger, { a: 1 })

    const failing = ledger.write('root', async (tx) => {
      tx.set(thing('a'), 2)
      tx.set(thing('b'), 2)
      throw new Error('changed my mind')
    })

    await assert.rejects(failing, { message: 'changed my mind' })
    assert.equal(ledger.serial, 0)
    assert.deepEqual(await listThings(ledger), { a: 1 })
    await setThings(ledger, { b: 3 })
    assert.deepEqual(await ledger.verify(), { serials: 2, broken: undefined })
  })

  check('a write gives back what its work returned', async ({ ledger }) => {
    const result = await ledger.write('anna', async (tx) => {
      tx.set(thing('a'), 1)
      return [tx.actor, tx.time]
    })

    assert.deepEqual(result, ['anna', 1_000])
  })

  check('a write that changes nothing makes no serial', async ({ ledger }) => {
    await setThings(ledger, { a: { x: 1, y: 2 } })

    await setThings(ledger, { a: { y: 2, x: 1, z: undefined }, missing: undefined })
    await ledger.write('root', async (tx) => {
      tx.set(thing('a'), 'other')
      tx.set(thing('a'), { x: 1, y: 2 })
      tx.set(thing('b'), 1)
      tx.remove(thing('b'))
    })
    await ledger.write('root', async (tx) => {
      await tx.get(thing('a'))
    })

    assert.equal(ledger.serial, 0)
    assert.equal((await ledger.read((tx) => tx.history(thing('b')))).length, 0)
  })

  check('the last change of a key in a write counts', async ({ ledger }) => {
    await setThings(ledger, { a: 1, b: 1 })

    await ledger.write('root', async (tx) => {
      tx.set(thing('a'), 2)
      tx.remove(thing('a'))
      tx.remove(thing('b'))
      tx.set(thing('b'), 2)
    })

    assert.deepEqual(await listThings(ledger), { b: 2 })
    assert.deepEqual((await ledger.change(1))?.entries, [
      { path: 'thing/a', value: null },
      { path: 'thing/b', value: '2' },
    ])
  })

  check('writes that come at once run one after the other', async ({ ledger }) => {
    await Promise.all(Array.from({ length: 100 }, () => addOne(ledger)))

    assert.equal(await ledger.read((tx) => tx.get(counter)), 100)
    assert.equal(ledger.serial, 99)
    assert.equal(await ledger.readAt(49, (tx) => tx.get(counter)), 50)
    assert.deepEqual(await ledger.verify(), { serials: 100, broken: undefined })
  })

  check('a write that fails does not touch those that came with it', async ({ ledger }) => {
    const refuseOdd = (n: number): Promise<number> =>
      ledger.write('root', async (tx) => {
        tx.set(thing(`${n}`), n)
        if (n % 2 === 1) throw new Error(`${n} is odd`)
        return n
      })

    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => refuseOdd(n)))

    assert.deepEqual(
      results.map((result) => (result.status === 'fulfilled' ? result.value : 'refused')),
      [0, 'refused', 2, 'refused', 4, 'refused', 6, 'refused', 8, 'refused'],
    )
    assert.deepEqual(Object.keys(await listThings(ledger)), ['0', '2', '4', '6', '8'])
    assert.equal(ledger.serial, 4)
  })

  check(
    'a write is seen by the read that follows it, and by its followers before',
    async ({ ledger }) => {
      let told = -1
      ledger.follow(({ serial }) => (told = serial))

      await setThings(ledger, { a: 1 })

      assert.equal(told, 0)
      assert.deepEqual(await listThings(ledger), { a: 1 })
    },
  )

  check(
    'a write that comes the moment the queue has run empty is not forgotten',
    async ({ ledger }) => {
      for (let moments = 0; moments < 30; moments++) {
        await setThings(ledger, { a: moments })
        for (let i = 0; i < moments; i++) await Promise.resolve()
      }

      assert.equal(ledger.serial, 29)
    },
  )

  check('a writer that goes on after its end is told so', async ({ ledger }) => {
    let leaked: WriteTransaction | undefined
    await ledger.write('root', async (tx) => {
      leaked = tx
    })

    assert.throws(() => leaked!.set(thing('a'), 1), /after its transaction had ended/)
    assert.throws(() => leaked!.remove(thing('a')), /after its transaction had ended/)
  })

  check('a value that JSON cannot say fails its own write alone', async ({ ledger }) => {
    const bad = assert.rejects(setThings(ledger, { a: 1, b: new Date(0) }), TypeError)

    await setThings(ledger, { c: 1 })

    await bad
    assert.deepEqual(await listThings(ledger), { c: 1 })
  })

  check(
    'writers on two openings of a store take turns, and each sees what the other did',
    async ({ ledger, reopen }) => {
      const other = await reopen()

      await Promise.all(
        [ledger, other].flatMap((each) => Array.from({ length: 50 }, () => addOne(each))),
      )

      for (const each of [ledger, other]) {
        assert.equal(await each.read((tx) => tx.get(counter)), 100)
        assert.equal(each.serial, 99)
      }
      assert.deepEqual(await other.verify(), { serials: 100, broken: undefined })
    },
  )

  check('closing waits for the writes that are under way', async ({ ledger, reopen }) => {
    const writes = [1, 2, 3].map(() => addOne(ledger))

    await ledger.close()

    await Promise.all(writes)
    const again = await reopen()
    assert.equal(await again.read((tx) => tx.get(counter)), 3)
    await assert.rejects(addOne(ledger))
  })
}
