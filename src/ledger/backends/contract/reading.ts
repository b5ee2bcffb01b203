/** Reading now and in the past. */
import assert from 'node:assert/strict'
import { key } from '../../key.ts'
import { listThings, setThings, thing, things, type Check } from './check.ts'

export function readingContract(check: Check): void {
  check('an empty ledger has no serial and no keys', async ({ ledger }) => {
    assert.equal(ledger.serial, -1)
    assert.equal(await ledger.read((tx) => tx.get(thing('a'))), undefined)
    assert.deepEqual(await ledger.read((tx) => tx.list(things)), [])
    assert.equal(await ledger.change(0), undefined)
    assert.deepEqual(await ledger.verify(), { serials: 0, broken: undefined })
  })

  check('a value is read back as it was set', async ({ ledger }) => {
    const value = { text: 'é😀\u0000\n"', list: [1, -0.5, 1e21, null, true], none: {}, '': '' }

    await setThings(ledger, { a: value })

    assert.deepEqual(await ledger.read((tx) => tx.get(thing('a'))), value)
    assert.deepEqual(await ledger.read((tx) => tx.list(things)), [
      { path: 'thing/a', name: 'a', value },
    ])
  })

  check('every past serial can be read as it stood', async ({ ledger }) => {
    await setThings(ledger, { a: 1, b: 1 })
    await setThings(ledger, { a: 2 })
    await setThings(ledger, { a: undefined, c: 3 })
    await setThings(ledger, { a: 4 })

    assert.deepEqual(await listThings(ledger, 0), { a: 1, b: 1 })
    assert.deepEqual(await listThings(ledger, 1), { a: 2, b: 1 })
    assert.deepEqual(await listThings(ledger, 2), { b: 1, c: 3 })
    assert.deepEqual(await listThings(ledger, 3), { a: 4, b: 1, c: 3 })
    assert.deepEqual(await listThings(ledger, -1), {})
    const values = [0, 1, 2, 3].map((at) => ledger.readAt(at, (tx) => tx.get(thing('a'))))
    assert.deepEqual(await Promise.all(values), [1, 2, undefined, 4])
  })

  check('a serial that is still to come cannot be read', async ({ ledger }) => {
    await setThings(ledger, { a: 1 })

    await assert.rejects(
      ledger.readAt(1, async () => {}),
      RangeError,
    )
  })

  check('a read stands at its serial, whatever is written meanwhile', async ({ ledger }) => {
    await setThings(ledger, { a: 1, b: 1 })

    const seen = await ledger.read(async (tx) => {
      await setThings(ledger, { a: 2, b: undefined, c: 2 })
      const lives = await tx.history(thing('b'))
      return [tx.serial, await tx.get(thing('a')), await tx.listNames(things), lives]
    })

    assert.deepEqual(seen, [0, 1, ['a', 'b'], [{ born: 0, died: undefined, value: 1 }]])
    assert.equal(ledger.serial, 1)
  })

  check('a serial tells what it changed, who and when', async ({ ledger }) => {
    await setThings(ledger, { b: 1, a: 1, c: 1 })
    await ledger.write('anna', async (tx) => {
      tx.set(thing('c'), { z: 1, y: 2 })
      tx.remove(thing('a'))
      tx.set(thing('b'), 1)
    })

    const change = await ledger.change(1)

    assert.deepEqual(
      { ...change, hash: '' },
      {
        serial: 1,
        at: 1_000,
        actor: 'anna',
        epoch: 1,
        format: 1,
        hash: '',
        entries: [
          { path: 'thing/a', value: null },
          { path: 'thing/c', value: '{"y":2,"z":1}' },
        ],
      },
    )
    assert.equal(await ledger.change(2), undefined)
  })

  check('the history of a key is its lives', async ({ ledger }) => {
    await setThings(ledger, { a: 'first' })
    await setThings(ledger, { a: 'second' })
    await setThings(ledger, { a: undefined })
    await setThings(ledger, { b: 1 })
    await setThings(ledger, { a: 'third' })

    const lives = await ledger.read((tx) => tx.history(thing('a')))

    assert.deepEqual(lives, [
      { born: 0, died: 1, value: 'first' },
      { born: 1, died: 2, value: 'second' },
      { born: 4, died: undefined, value: 'third' },
    ])
    assert.deepEqual(await ledger.readAt(0, (tx) => tx.history(thing('a'))), [
      { born: 0, died: undefined, value: 'first' },
    ])
    assert.deepEqual(await ledger.read((tx) => tx.history(thing('nothing'))), [])
  })

  check('a tracked read tells the keys and ranges it came from', async ({ ledger }) => {
    await setThings(ledger, { a: 1 })

    const { value, serial, reads } = await ledger.readTracked(async (tx) => {
      await tx.list(things)
      await tx.get(key('missing'))
      return tx.get(thing('a'))
    })

    assert.equal(value, 1)
    assert.equal(serial, 0)
    assert.deepEqual([...reads].sort(), ['missing', 'thing/', 'thing/a'])
  })

  check('what was written is there when the ledger is opened again', async ({ ledger, reopen }) => {
    await setThings(ledger, { a: 1 })
    await setThings(ledger, { a: 2, b: 'x' })
    const { hash } = (await ledger.change(1))!
    await ledger.close()

    const again = await reopen()

    assert.equal(again.serial, 1)
    assert.deepEqual(await listThings(again), { a: 2, b: 'x' })
    assert.deepEqual(await listThings(again, 0), { a: 1 })
    assert.equal((await again.change(1))?.hash, hash)
    assert.deepEqual(await again.verify(), { serials: 2, broken: undefined })
  })
}
