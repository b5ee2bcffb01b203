/** Lists of ranges: their order and borders, and a writer's own changes in them. */
import assert from 'node:assert/strict'
import { key, keyRange } from '../../key.ts'
import { setThings, thing, things, type Check } from './check.ts'

export function listingContract(check: Check): void {
  check('lists are in the order of UTF-8 bytes', async ({ ledger }) => {
    const sorted = [
      '-',
      '0',
      'A',
      'Z',
      '_',
      'a',
      'a-b',
      'a.b',
      'a0',
      'aa',
      'é',
      '\uffee',
      '😀',
      '\u{10ffff}',
    ]
    await setThings(ledger, Object.fromEntries(sorted.toReversed().map((name) => [name, name])))

    const names = await ledger.read((tx) => tx.listNames(things))
    const entries = await ledger.read((tx) => tx.list(things))
    const change = await ledger.change(0)

    assert.deepEqual(names, sorted)
    assert.deepEqual(
      entries.map(({ value }) => value),
      sorted,
    )
    assert.deepEqual(
      change?.entries.map(({ path }) => path),
      sorted.map((name) => `thing/${name}`),
    )
  })

  check('a range holds what lies below its path, and not its neighbours', async ({ ledger }) => {
    await ledger.write('root', async (tx) => {
      for (const neighbour of ['a', 'a-b', 'a.b', 'a0', 'ab', '\u{10ffff}'])
        tx.set(key(neighbour), 1)
      for (const name of ['b', 'b-c', '😀', '\u{10ffff}']) tx.set(key('a', name), 2)
      tx.set(key('a', 'b', 'c'), 3)
    })

    const names = (...path: string[]): Promise<string[]> =>
      ledger.read((tx) => tx.listNames(keyRange(...path)))

    assert.deepEqual(await names('a'), ['b', 'b-c', 'b/c', '😀', '\u{10ffff}'])
    assert.deepEqual(await names('a', 'b'), ['c'])
    assert.deepEqual(await names('A'), [])
    assert.deepEqual(await names('a-b'), [])
  })

  check('a list begins after a path and ends at a limit', async ({ ledger }) => {
    await setThings(ledger, { a: 1, b: 2, c: 3, d: 4, '😀': 5 })

    const names = (options: { after?: string; limit?: number }): Promise<string[]> =>
      ledger.read((tx) => tx.listNames(things, options))

    assert.deepEqual(await names({ limit: 2 }), ['a', 'b'])
    assert.deepEqual(await names({ limit: 0 }), [])
    assert.deepEqual(await names({ after: 'thing/b', limit: 2 }), ['c', 'd'])
    assert.deepEqual(await names({ after: 'thing/bb' }), ['c', 'd', '😀'])
    assert.deepEqual(await names({ after: 'thing/\uffee' }), ['😀'])
    assert.deepEqual(await names({ after: 'thing/😀' }), [])
    assert.deepEqual(await names({ after: 'some/thing' }), ['a', 'b', 'c', 'd', '😀'])
    assert.deepEqual(await names({ after: 'zoo' }), [])
  })

  check('births tell when the lives began that a list shows', async ({ ledger, backend }) => {
    await setThings(ledger, { a: 1, b: 1, c: 1 })
    await setThings(ledger, { b: 2 })
    await setThings(ledger, { a: undefined })
    await setThings(ledger, { a: 3, c: undefined })

    const births = [0, 1, 2, 3].map((at) => backend.scanBirths(things.prefix, at, {}))
    assert.deepEqual(
      (await Promise.all(births)).map((one) => one.map(([path, born]) => path.slice(-1) + born)),
      [
        ['a0', 'b0', 'c0'],
        ['a0', 'b1', 'c0'],
        ['b1', 'c0'],
        ['a3', 'b1'],
      ],
    )
    const options = { after: 'thing/a', limit: 1 }
    const rows = await backend.scan(things.prefix, 3, options)
    assert.deepEqual(rows, [['thing/b', '2', 1]])
    assert.deepEqual(await backend.scanBirths(things.prefix, 3, options), [['thing/b', 1]])
  })

  check('a writer sees its own changes; nobody else does', async ({ ledger }) => {
    await setThings(ledger, { a: 1, c: 3 })

    await ledger.write('root', async (tx) => {
      tx.set(thing('b'), 2)
      tx.set(thing('c'), 33)
      tx.remove(thing('a'))

      assert.equal(tx.serial, 0)
      assert.equal(await tx.get(thing('a')), undefined)
      assert.equal(await tx.get(thing('b')), 2)
      assert.deepEqual(await tx.list(things), [
        { path: 'thing/b', name: 'b', value: 2 },
        { path: 'thing/c', name: 'c', value: 33 },
      ])
      assert.deepEqual(await ledger.read((other) => other.listNames(things)), ['a', 'c'])
    })

    assert.deepEqual(await ledger.read((tx) => tx.listNames(things)), ['b', 'c'])
  })

  check(
    'a writer lists its own changes between the others, after and up to a limit',
    async ({ ledger }) => {
      await setThings(ledger, { b: 1, d: 1, f: 1, h: 1 })

      await ledger.write('root', async (tx) => {
        tx.set(thing('a'), 2)
        tx.remove(thing('b'))
        tx.set(thing('e'), 2)
        tx.remove(thing('f'))
        tx.remove(thing('missing'))
        tx.set(thing('z'), 2)
        tx.set(key('thinga'), 2)

        const both = async (options: { after?: string; limit?: number }): Promise<string[]> => {
          const names = await tx.listNames(things, options)
          const entries = await tx.list(things, options)
          assert.deepEqual(
            entries.map(({ name }) => name),
            names,
          )
          return names
        }
        assert.deepEqual(await both({}), ['a', 'd', 'e', 'h', 'z'])
        assert.deepEqual(await both({ limit: 2 }), ['a', 'd'])
        assert.deepEqual(await both({ limit: 0 }), [])
        assert.deepEqual(await both({ after: 'thing/a', limit: 3 }), ['d', 'e', 'h'])
        assert.deepEqual(await both({ after: 'thing/e' }), ['h', 'z'])
        assert.deepEqual(await both({ after: 'thing/z' }), [])
      })
    },
  )
}
