/** A network that is cut at any moment of the protocol: the replica goes on where it was, and ends with what there is. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { systemClock } from '#base/clock'
import { UpstreamFailure } from '#base/failure'
import { createLog } from '#base/log'
import { openFilesystemBlobs } from '#blobs/backends/filesystem'
import type { Ledger } from '#ledger/ledger'
import { openLedger } from '#ledger/open-ledger'
import { BlobFetcher } from '#replication/blob-fetcher'
import { Follower } from '#replication/follower'
import { Primary } from '#replication/primary'
import { makeSharedSecret, type SharedSecret } from '../support/feed.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { makeTempFolder } from '../support/temp.ts'
import { reached } from '../support/until.ts'
import { makeUploader } from '../support/uploader.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

const UPLOADS = 12
/** No part of the protocol is so short that it is stepped over: a frame's head has 37 bytes. */
const STEP = 29
/** More bytes than the headers of an answer have. */
const HEADERS = 600
/** Connections that are cut while the request goes out. */
const ASKING = 9

const wheels = Array.from({ length: UPLOADS }, (_, at) =>
  makeWheel('anchor', `${at}.0`, { extraFiles: { ballast: randomBytes(100) } }),
)

/** One that others may read along while it comes. */
const large = makeWheel('buoy', '1.0', { extraFiles: { ballast: randomBytes(700_000) } })

interface Setting extends AsyncDisposable {
  readonly proxy: TcpProxy
  readonly primary: Primary
  readonly serial: number
  /** The hash of the last change. */
  readonly hash: string
}

/** A primary in a process of its own with some uploads, and the way to it. */
async function start(secret: SharedSecret): Promise<Setting> {
  await using stack = new AsyncDisposableStack()
  const args = ['--secret-file', secret.path]
  const yard = stack.use(await startYard({ stages: ['ada/dev'], args }))
  using uploader = makeUploader()
  for (const wheel of [...wheels, large]) {
    const { status, text } = await uploader.upload(yard.url('ada/dev/'), wheel)
    assert.equal(status, 200, text)
  }
  const answer = await fetch(yard.url('+status'), { headers: { accept: 'application/json' } })
  const { serial } = ((await answer.json()) as { result: { serial: number } }).result
  const proxy = stack.use(await startTcpProxy(yard.url()))
  const primary = new Primary({
    ...{ url: proxy.url(), tokens: secret.tokens, uuid: 'a-replica', outsideUrl: undefined },
    userAgent: 'test',
    connections: { connectTimeoutMs: 60_000, stallTimeoutMs: 3_600_000 },
  })
  stack.defer(() => primary.close())
  const hash = await lastHash(primary, serial)
  const owned = stack.move()
  return { proxy, primary, serial, hash, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** As whoever is fed without any trouble has it. */
async function lastHash(primary: Primary, serial: number): Promise<string> {
  await using replica = await startFollower(primary)
  await reached(replica.ledger, serial)
  return (await replica.ledger.change(serial))!.hash
}

interface Following extends AsyncDisposable {
  readonly ledger: Ledger
  readonly follower: Follower
}

/** The replica's side, without a server. It tries again at once. */
async function startFollower(primary: Primary): Promise<Following> {
  const folder = await makeTempFolder('follower')
  const ledger = await openLedger(folder.path, { isFollower: true })
  const log = createLog({ level: 'silent' })
  const follower = new Follower({
    ...{ ledger, primary, uuid: 'a-replica', clock: systemClock, log },
    onConnected: async () => {},
    backoff: { firstDelayMs: 1, maxDelayMs: 1 },
  })
  follower.start()
  return {
    ledger,
    follower,
    async [Symbol.asyncDispose]() {
      await follower.close()
      await ledger.close()
      await folder.remove()
    },
  }
}

test('a stream that is cut after any number of bytes, on either way, is gone on with', async () => {
  await using secret = await makeSharedSecret()
  await using setting = await start(secret)
  const { proxy, primary, serial, hash } = setting
  const before = proxy.connections
  proxy.weather = (connection) => {
    const number = connection - before
    if (number < ASKING) return { cutAfterSent: number * STEP }
    return { cutAfter: (number - ASKING) * STEP }
  }

  await using replica = await startFollower(primary)
  await reached(replica.ledger, serial)

  assert.ok(proxy.connections - before > 3 * ASKING, String(proxy.connections))
  assert.equal((await replica.ledger.change(serial))?.hash, hash)
  assert.deepEqual(await replica.ledger.verify(), { serials: serial + 1, broken: undefined })
})

test('a stream whose pieces change places is not taken over so', async () => {
  await using secret = await makeSharedSecret()
  await using setting = await start(secret)
  const { proxy, primary, serial, hash } = setting
  const before = proxy.connections
  proxy.weather = (connection) => ({ swapsAfter: connection - before < 20 ? HEADERS : Infinity })

  await using replica = await startFollower(primary)
  await reached(replica.ledger, serial)

  assert.equal((await replica.ledger.change(serial))?.hash, hash)
  assert.deepEqual(await replica.ledger.verify(), { serials: serial + 1, broken: undefined })
})

test('a blob that is cut off after any number of bytes leaves nothing, and is whole the next time', async () => {
  await using secret = await makeSharedSecret()
  await using setting = await start(secret)
  const { proxy, primary } = setting
  const folder = await makeTempFolder('blobs')
  const blobs = await openFilesystemBlobs(folder.path)
  const fetcher = new BlobFetcher(primary, blobs)

  for (const { sha256, bytes } of [wheels[0]!, large]) {
    const step = Math.max(STEP, Math.ceil(bytes.length / 20))
    for (let cutAfter = 1; cutAfter < bytes.length; cutAfter += cutAfter < 600 ? STEP : step) {
      primary.renew({ breakOff: true }) // else a connection is used again
      proxy.weather = () => ({ cutAfter })
      await assert.rejects(fetcher.keep(sha256), UpstreamFailure, `after ${cutAfter} bytes`)
      assert.equal(await blobs.size(sha256), undefined)
    }
    primary.renew({ breakOff: true })
    proxy.weather = () => ({})
    await fetcher.keep(sha256)
    assert.equal(await blobs.size(sha256), bytes.length)
  }
  assert.equal(await blobs.clearStaging(-1), 0)
  await fetcher.close()
  await blobs.close()
  await folder.remove()
})
