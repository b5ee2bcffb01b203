/** A replica on a machine that sleeps, is set right, and moves from network to network. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '#base/log'
import { MachineWatch } from '#base/machine-watch'
import { openLedger } from '#ledger/open-ledger'
import { BlobBook } from '#replication/blob-book'
import { Follower } from '#replication/follower'
import { Primary } from '#replication/primary'
import { startApi, type Api } from '../support/api.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { startPair } from '../support/replica.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { makeTempFolder } from '../support/temp.ts'
import { reached, until } from '../support/until.ts'

const HOUR = 3_600_000

interface Laptop extends AsyncDisposable {
  readonly primary: Api
  readonly proxy: TcpProxy
  readonly follower: Follower
  /** Its ledger has all that the primary has. */
  caughtUp(): Promise<void>
  /** Both machines' clocks, in milliseconds ahead of the true time. */
  ahead: number
  /** The addresses of the laptop. */
  addresses: string
}

/** Whose network would be waited for, for hours, if nobody noticed that it is gone. */
async function startLaptop(): Promise<Laptop> {
  await using stack = new AsyncDisposableStack()
  const secret = stack.use(await makeSharedSecret())
  const clock = { now: () => Date.now() + laptop.ahead }
  const config = { secretFile: secret.path }
  const laptop = { ahead: 0, addresses: '192.0.2.1/24' }
  const primary = stack.use(
    await startApi({ transport: 'socket', indexes: ['ada/dev'], config, clock }),
  )
  const proxy = stack.use(await startTcpProxy(primary.app.url))
  const folder = await makeTempFolder('laptop')
  stack.defer(() => folder.remove())
  const ledger = await openLedger(folder.path, { isFollower: true })
  stack.defer(() => ledger.close())
  const away = new Primary({
    ...{ url: proxy.url(), uuid: 'a-laptop', outsideUrl: undefined, userAgent: 'test' },
    tokens: secret.tokensBy(clock),
    connections: { connectTimeoutMs: HOUR, stallTimeoutMs: HOUR },
  })
  stack.defer(() => away.close())
  const follower = new Follower({
    ...{ ledger, primary: away, uuid: 'a-laptop', clock, log: createLog({ level: 'silent' }) },
    onConnected: async () => {},
    backoff: { firstDelayMs: HOUR, maxDelayMs: HOUR },
  })
  stack.defer(() => follower.close())
  const renew = (breakOff: boolean): void => {
    away.renew({ breakOff })
    follower.renew()
  }
  const machine = new MachineWatch({
    clock,
    listAddresses: () => laptop.addresses,
    onJump: () => renew(true),
    onNetwork: () => renew(false),
  })
  stack.defer(() => machine.close())
  follower.start()
  machine.start()
  await reached(ledger, primary.serial)
  const owned = stack.move()
  return Object.assign(laptop, {
    ...{ primary, proxy, follower },
    caughtUp: () => reached(ledger, primary.serial),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  })
}

for (const [how, hours] of [
  ['has slept', 8],
  ['was set back', -3],
] as const) {
  test(`a replica whose clock ${how} asks its primary anew at once`, async () => {
    await using laptop = await startLaptop()
    laptop.proxy.silence()
    await laptop.primary.makeIndex('ada/more')

    laptop.ahead += hours * HOUR
    await laptop.caughtUp()

    assert.equal(laptop.follower.state.problem, undefined)
    assert.equal(laptop.proxy.connections, 2)
  })
}

test('a replica whose network is another one asks its primary anew at once, also while it rests', async () => {
  await using laptop = await startLaptop()
  laptop.proxy.break()
  await until(async () => laptop.follower.state.problem?.kind === 'away')
  await laptop.primary.makeIndex('ada/more')
  laptop.proxy.mend()

  laptop.addresses = '198.51.100.7/24'
  await laptop.caughtUp()

  assert.equal(laptop.follower.state.problem, undefined)
})

test('thousands of changes that were missed come in one stream', async () => {
  await using pair = await startPair()
  const { primary, replica, wire } = pair
  await pair.caughtUp()
  await wire.cut()
  for (let number = 0; number < 2_000; number++) {
    await primary.ledger.write('root', async (tx) =>
      tx.set({ path: `user/u${number}` }, { number }),
    )
  }
  wire.forget()

  await wire.join(primary.app.url)
  await pair.caughtUp()

  const asked = wire.requests.filter(({ path }) => path.startsWith('/+changes/'))
  assert.equal(asked.length, 1)
  const [there, here] = await Promise.all(
    [primary, replica].map(({ ledger }) => ledger.change(primary.serial)),
  )
  assert.deepEqual(here, there)
})

test('a blob that is owed since the clock was far ahead is tried again at once', async () => {
  const folder = await makeTempFolder('book')
  const book = BlobBook.open(folder.join('replica.sqlite'))
  const digest = 'a'.repeat(64)
  book.owe({ digest, path: 'file/a', message: 'gone', tries: 1, nextAt: 400 * 24 * HOUR })
  const [justAhead, afterwards] = [book.findDue(400 * 24 * HOUR - 60_000), book.findDue(0)]
  book.close()
  await folder.remove()

  assert.equal(justAhead, undefined)
  assert.equal(afterwards?.digest, digest)
})
