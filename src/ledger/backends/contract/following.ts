/** Following: every serial once, in order, whoever committed it. */
import assert from 'node:assert/strict'
import type { Change } from '../../change.ts'
import { CommitWatch } from '../../commit-watch.ts'
import type { ChangeNotice, Ledger } from '../../ledger.ts'
import { addOne, listThings, setThings, type Check } from './check.ts'

function collect(ledger: Ledger): ChangeNotice[] {
  const notices: ChangeNotice[] = []
  ledger.follow((notice) => notices.push(notice))
  return notices
}

const serialsOf = (seen: readonly { serial: number }[]): number[] =>
  seen.map(({ serial }) => serial)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

export function followingContract(check: Check): void {
  check('followers hear of every serial once, in order, with its keys', async ({ ledger }) => {
    const notices = collect(ledger)

    await setThings(ledger, { b: 1, a: 1 })
    await setThings(ledger, { a: undefined, b: 2 })
    await Promise.all(Array.from({ length: 5 }, () => addOne(ledger)))

    assert.deepEqual(notices.slice(0, 2), [
      { serial: 0, paths: ['thing/a', 'thing/b'] },
      { serial: 1, paths: ['thing/a', 'thing/b'] },
    ])
    assert.deepEqual(serialsOf(notices), upTo(7))
  })

  check('a follower that has stopped hears no more', async ({ ledger }) => {
    const serials: number[] = []
    const stop = ledger.follow(({ serial }) => serials.push(serial))
    await setThings(ledger, { a: 1 })

    stop()
    await setThings(ledger, { a: 2 })

    assert.deepEqual(serials, [0])
  })

  check('a follower that throws keeps nobody from hearing', async ({ ledger }) => {
    const warning = new Promise<Error>((resolve) => process.once('warning', resolve))
    ledger.follow(() => {
      throw new Error('a bug in a follower')
    })
    const notices = collect(ledger)

    await setThings(ledger, { a: 1 })

    assert.deepEqual(serialsOf(notices), [0])
    assert.equal((await warning).message, 'a bug in a follower')
  })

  check(
    'commits of another opening are heard of once this one catches up',
    async ({ ledger, reopen }) => {
      const other = await reopen()
      const notices = collect(ledger)
      await Promise.all(Array.from({ length: 10 }, () => addOne(other)))
      assert.equal(notices.length, 0)

      await Promise.all([ledger.catchUp(), ledger.catchUp(), ledger.catchUp()])

      assert.equal(ledger.serial, 9)
      assert.deepEqual(serialsOf(notices), upTo(10))
      assert.deepEqual(notices[9]?.paths, ['counter'])
    },
  )

  check('followers hear every serial once while two openings write', async ({ ledger, reopen }) => {
    const other = await reopen()
    const here = collect(ledger)
    const there = collect(other)

    await Promise.all(
      [ledger, other].flatMap((each) => Array.from({ length: 20 }, () => addOne(each))),
    )
    await ledger.catchUp()
    await other.catchUp()

    assert.deepEqual(serialsOf(here), upTo(40))
    assert.deepEqual(serialsOf(there), upTo(40))
  })

  check(
    'after a failed look at the store, nothing is missed',
    async ({ backend, reopen, ledger }) => {
      let fails = true
      const flaky = Object.create(backend, {
        mayHaveChanged: { value: () => backend.mayHaveChanged() },
        head: { value: () => (fails ? Promise.reject(new Error('unreadable')) : backend.head()) },
        changedPaths: { value: (serial: number) => backend.changedPaths(serial) },
      }) as typeof backend
      const commits = new CommitWatch(flaky, ledger.serial)
      const serials: number[] = []
      commits.follow(({ serial }) => serials.push(serial))
      await addOne(await reopen())

      await assert.rejects(commits.catchUp()!, { message: 'unreadable' })
      fails = false
      await commits.catchUp()

      assert.deepEqual(serials, [0])
    },
  )

  check(
    'a watched ledger hears of other processes without being asked',
    async ({ ledger, reopen }) => {
      const other = await reopen()
      const heard = new Promise<number>((resolve) => {
        ledger.follow(({ serial }) => resolve(serial))
      })
      const stop = ledger.watch(1)

      await setThings(other, { a: 1 })

      // What waits here for the timer must itself keep the process alive: the timer does not.
      const alive = setInterval(() => {}, 1_000)
      assert.equal(await heard, 0)
      clearInterval(alive)
      stop()
    },
  )

  check(
    'changes are handed out from a serial on, then as they come',
    async ({ ledger, reopen }) => {
      await setThings(ledger, { a: 1 })
      await setThings(ledger, { a: 2 })
      const seen: Change[] = []

      for await (const change of ledger.changes(1)) {
        seen.push(change)
        if (seen.length === 1) await setThings(ledger, { a: 3 })
        if (seen.length === 2) void setThings(ledger, { a: 4 })
        if (seen.length === 3) break
      }

      assert.deepEqual(serialsOf(seen), [1, 2, 3])
      assert.deepEqual(seen[2], await ledger.change(3))
      const other = await reopen()
      assert.equal((await other.changes(0).next()).value?.serial, 0)
    },
  )

  check('a stream of changes that waits ends with its signal', async ({ ledger }) => {
    const stop = new AbortController()
    const changes = ledger.changes(0, { signal: stop.signal })
    const waiting = changes.next()

    stop.abort()

    assert.deepEqual(await waiting, { done: true, value: undefined })
    assert.deepEqual(await ledger.changes(0, { signal: stop.signal }).next(), {
      done: true,
      value: undefined,
    })
  })

  check('a stream of changes ends when the ledger is closed', async ({ ledger }) => {
    await setThings(ledger, { a: 1 })
    const changes = ledger.changes(0)
    await changes.next()
    const waiting = changes.next()

    await ledger.close()

    assert.equal((await waiting).done, true)
  })

  check('a stream that began before the first change waits for it', async ({ ledger }) => {
    const first = ledger.changes(-1).next()

    await setThings(ledger, { a: 1 })

    assert.equal((await first).value?.serial, 0)
    assert.deepEqual(await listThings(ledger, 0), { a: 1 })
  })
}
