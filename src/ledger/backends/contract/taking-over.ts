/** Taking over: a ledger that follows another one holds exactly its changes. */
import assert from 'node:assert/strict'
import { CHANGE_FORMAT, hashChange, type Change } from '../../change.ts'
import { FollowerWrites, type ChangeNotice, type Ledger } from '../../ledger.ts'
import { ForeignChangeRefused } from '../../take-over.ts'
import { listThings, setThings, thing, things, type Check } from './check.ts'

async function changesOf(ledger: Ledger): Promise<Change[]> {
  const changes: Change[] = []
  for (let serial = 0; serial <= ledger.serial; serial++) {
    changes.push((await ledger.change(serial))!)
  }
  return changes
}

async function writeSome(ledger: Ledger): Promise<Change[]> {
  await setThings(ledger, { a: 1, b: 'odd \udfff 😀', c: [] })
  await setThings(ledger, { a: 2, b: undefined })
  await setThings(ledger, { a: undefined, c: { d: null } })
  return changesOf(ledger)
}

export function takingOverContract(check: Check): void {
  check('a follower holds the same changes, at every serial', async ({ ledger, openFollower }) => {
    const changes = await writeSome(ledger)
    const follower = await openFollower()
    const notices: ChangeNotice[] = []
    follower.follow((notice) => notices.push(notice))

    await follower.takeOver(changes.slice(0, 2))
    await follower.takeOver(changes.slice(2))

    assert.deepEqual(await changesOf(follower), changes)
    for (const serial of [0, 1, 2]) {
      assert.deepEqual(await listThings(follower, serial), await listThings(ledger, serial))
    }
    assert.deepEqual(
      notices.map(({ serial, paths }) => ({ serial, paths: paths.length })),
      [
        { serial: 0, paths: 3 },
        { serial: 1, paths: 2 },
        { serial: 2, paths: 2 },
      ],
    )
    assert.deepEqual(await follower.verify(), { serials: 3, broken: undefined })
  })

  check('what was taken over is heard of by other openings', async ({ ledger, reopen }) => {
    const changes = await writeSome(ledger)
    const follower = await reopen({ isFollower: true })
    const next = { ...changes[2]!, serial: 3, entries: [{ path: 'thing/e', value: '1' }] }

    await follower.takeOver([{ ...next, hash: hashChange(changes[2]!.hash, next) }])

    const { value, serial } = await ledger.readTracked((tx) => tx.listNames(things))
    assert.deepEqual({ value, serial }, { value: ['c', 'e'], serial: 3 })
  })

  check('a change that does not fit is refused', async ({ ledger, openFollower }) => {
    const [first, second] = (await writeSome(ledger)) as [Change, Change]
    const follower = await openFollower()
    await follower.takeOver([first])
    const signed = (change: Change): Change => ({ ...change, hash: hashChange(first.hash, change) })
    const key = { path: 'thing/a', value: '2' }

    for (const [why, wrong] of Object.entries({
      'another change in the place of one': { ...first, actor: 'eve', hash: second.hash },
      'a gap': { ...second, serial: 2 },
      'another hash': { ...second, hash: first.hash },
      'another actor': { ...second, actor: 'eve' },
      'another instant': { ...second, at: second.at + 1 },
      'another value': { ...second, entries: [{ ...second.entries[0]!, value: '3' }] },
      'a key less': { ...second, entries: second.entries.slice(1) },
      'a chain of its own': { ...second, hash: hashChange('', second) },
      'a later format': signed({ ...second, format: CHANGE_FORMAT + 1 }),
      'an epoch that has ended': signed({ ...second, epoch: 0 }),
      'no instant': signed({ ...second, at: 0.5 }),
      'no well-formed actor': signed({ ...second, actor: '\ud800' }),
      'a key twice': signed({ ...second, entries: [key, key] }),
      'keys out of order': signed({ ...second, entries: [...second.entries].reverse() }),
      'two entries in the place of one': signed({
        ...second,
        entries: [{ ...key, value: '2\n"thing/b"\t-' }],
      }),
      'a removal as a value': signed({ ...second, entries: [{ ...key, value: '-' }] }),
      'a removal of nothing': signed({ ...second, entries: [{ path: 'thing/z', value: null }] }),
    } satisfies Record<string, Change>)) {
      const refusal = { name: 'ForeignChangeRefused', serial: wrong.serial }
      await assert.rejects(follower.takeOver([wrong]), refusal, why)
      assert.equal(follower.serial, 0, why)
    }

    await follower.takeOver([first, second])
    await follower.takeOver([first, second])
    assert.deepEqual(await listThings(follower), await listThings(ledger, 1))
    assert.equal(follower.serial, 1)
  })

  check(
    'what came before a change that does not fit stays',
    async ({ ledger, openFollower, backend }) => {
      const [first, second, third] = (await writeSome(ledger)) as [Change, Change, Change]
      const follower = await openFollower()

      const altered = { ...third, entries: [...third.entries, { path: 'thing/d', value: '1' }] }
      await assert.rejects(follower.takeOver([first, second, altered]), ForeignChangeRefused)

      assert.deepEqual(await listThings(follower), await listThings(ledger, 1))
      assert.equal((await backend.head()).serial, 2)
    },
  )

  check('a follower goes along with a newer epoch', async ({ ledger, openFollower }) => {
    const [first, second] = (await writeSome(ledger)) as [Change, Change]
    const follower = await openFollower()
    const promoted = { ...second, epoch: 2 }

    await follower.takeOver([first, { ...promoted, hash: hashChange(first.hash, promoted) }])

    assert.equal(follower.epoch, 2)
  })

  check('a follower that begins an epoch is written to; its history goes on', async (opened) => {
    const { ledger, openFollower } = opened
    const changes = await writeSome(ledger)
    const follower = await openFollower()
    await follower.takeOver(changes)

    const epoch = await follower.beginEpoch('root', async (tx, next) => tx.set(thing('e'), next))
    await setThings(follower, { a: 'new' })
    await setThings(ledger, { a: 'late' })
    const late = (await ledger.change(3))!

    assert.deepEqual([epoch, follower.epoch], [2, 2])
    const after = await changesOf(follower)
    assert.deepEqual(after.slice(0, 3), changes)
    assert.deepEqual(
      after.map((change) => change.epoch),
      [1, 1, 1, 2, 2],
    )
    assert.deepEqual(await listThings(follower), { a: 'new', c: { d: null }, e: 2 })
    assert.deepEqual(await follower.verify(), { serials: 5, broken: undefined })
    await assert.rejects(follower.takeOver([late]), { message: /takes over no changes/ })
  })

  check(
    'what an epoch has ended goes on nowhere: not by others on the store either',
    async (opened) => {
      const { ledger, openFollower, reopen } = opened
      const changes = await writeSome(ledger)
      const other = await openFollower()
      await other.takeOver(changes)
      await other.beginEpoch('root', async (tx, next) => tx.set(thing('e'), next))
      const [begin] = (await changesOf(other)).slice(-1)
      const follower = await openFollower()
      await follower.takeOver([...changes, begin!])
      await setThings(ledger, { a: 'late' })
      const late = (await ledger.change(3))!
      const beside = await reopen()
      await (await reopen()).beginEpoch('root', async (tx, next) => tx.set(thing('e'), next))

      await assert.rejects(
        follower.takeOver([late]),
        /epoch 1, which epoch 2 has ended|last one here/,
      )
      await assert.rejects(
        follower.takeOver([
          { ...late, serial: 4, hash: hashChange(begin!.hash, { ...late, serial: 4 }) },
        ]),
        /it is of epoch 1, which epoch 2 has ended/,
      )
      await assert.rejects(setThings(beside, { a: 1 }), { name: 'StaleEpoch' })
    },
  )

  check('an epoch that begins with nothing does not begin', async ({ ledger }) => {
    await setThings(ledger, { a: 1 })

    await assert.rejects(
      ledger.beginEpoch('root', async () => {}),
      /begins with a change/,
    )

    assert.deepEqual([ledger.epoch, ledger.serial], [1, 0])
    await setThings(ledger, { a: 2 })
  })

  check(
    'a ledger behind a fence is written to by no opening, until an epoch begins',
    async (opened) => {
      const { ledger, reopen } = opened
      await writeSome(ledger)
      const beside = await reopen()
      const fence = { epoch: 3, by: 'other', url: 'http://other/', at: 5, lateFrom: 2 }

      await ledger.raiseFence({ epoch: 3, at: 5 })
      await ledger.raiseFence(fence)
      await ledger.raiseFence({ epoch: 2, by: 'earlier', at: 6 })

      assert.deepEqual(await beside.fence(), fence)
      for (const one of [ledger, beside, await reopen()]) {
        await assert.rejects(setThings(one, { a: 1 }), { code: 'fenced' })
      }
      assert.equal(await beside.beginEpoch('root', async (tx, next) => tx.set(thing('e'), next)), 4)
      assert.equal(await beside.fence(), undefined)
      await setThings(beside, { a: 1 })
    },
  )

  check(
    'a follower goes back to what it has in common, and takes over what came instead',
    async (opened) => {
      const { ledger, openFollower, backend } = opened
      const changes = await writeSome(ledger)
      const other = await openFollower()
      await other.takeOver(changes.slice(0, 2))
      await other.beginEpoch('root', async (tx) => tx.set(thing('c'), 'instead'))
      const instead = (await changesOf(other)).slice(2)
      const follower = await openFollower()
      await follower.takeOver(changes)
      const asItWas = await listThings(ledger, 1)

      await follower.forgetAfter(1)

      assert.deepEqual(await listThings(follower, 1), asItWas)
      assert.deepEqual(await follower.verify(), { serials: 2, broken: undefined })
      await follower.takeOver(instead)
      assert.deepEqual(await listThings(follower, 2), await listThings(other, 2))
      assert.deepEqual(await follower.change(2), instead[0])
      await follower.forgetAfter(-1)
      assert.deepEqual(await follower.verify(), { serials: 0, broken: undefined })
      await assert.rejects(ledger.forgetAfter(0), /forgets nothing/)
      assert.equal((await backend.head()).serial, 2)
    },
  )

  check('a follower is not written to, and what is written to follows nobody', async (opened) => {
    const { ledger, openFollower } = opened
    const changes = await writeSome(ledger)

    await assert.rejects(setThings(await openFollower(), { a: 1 }), FollowerWrites)
    await assert.rejects(ledger.takeOver(changes), { message: /takes over no changes/ })
  })
}
