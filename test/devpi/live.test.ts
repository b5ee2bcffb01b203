/** Following a real devpi-server that is busy, and one that is not the right one. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startDevpiPrimary, startFollowing, type FollowingYard } from '../support/devpi-primary.ts'
import { makeSharedSecret } from '../support/feed.ts'
import { makeBusyIndexes, makeChanges } from '../support/mixed-changes.ts'
import { ANCHOR, differences, fileOf, UPSTREAM_FILES } from '../support/moved-site.ts'
import { startRelay } from '../support/relay.ts'
import { startStaticIndex } from '../support/static-index.ts'
import { until } from '../support/until.ts'
import { urlOf } from '../support/upload.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

interface Status {
  readonly primary: { readonly connected: boolean; readonly problem: { kind: string } | null }
  readonly devpi: { readonly applied: number }
  readonly blobs: { readonly 'changes-to-look-at': number; readonly missing: number }
  readonly 'replication-errors': Readonly<Record<string, { readonly message: string }>>
}

const statusAt = async (url: string): Promise<Status> => {
  const answer = await fetch(url, { headers: { accept: 'application/json' } })
  return ((await answer.json()) as { result: Status }).result
}

const problemOf = async (yard: FollowingYard): Promise<string | undefined> =>
  (await statusAt(`${yard.app.url}+status`)).primary.problem?.kind

test('nothing is lost or done twice when it is killed in the middle of many changes', async () => {
  await using primary = await startDevpiPrimary()
  const { client } = primary
  await makeBusyIndexes(client)
  const follows = { url: primary.server.url(), secretFile: primary.secretFile }
  await using yard = await startYard({ follows })
  let next = 0
  for (let round = 0; round < 3; round++) {
    const changing = makeChanges(client, 24, next)
    await until(async () => (await primary.serial()) > 10 + 24 * round)
    await yard.kill('SIGKILL')
    next = await changing
    await yard.restart()
  }

  const serial = await primary.serial()
  await until(async () => {
    const { devpi, blobs } = await statusAt(yard.url('+status'))
    return devpi.applied >= serial && blobs['changes-to-look-at'] === 0
  })
  assert.deepEqual(await differences(primary.server.url(), yard.url()), [])
  await yard.kill()
  await verifyStore(yard.folder)
})

test('it says why it is not let in, and goes on by itself once it is', async () => {
  await using primary = await startDevpiPrimary()
  await using other = await startDevpiPrimary()
  await using secret = await makeSharedSecret()
  await primary.client.makeUser('ada')
  {
    await using refused = await startFollowing(primary, { config: { secretFile: secret.path } })
    await until(async () => (await problemOf(refused)) === 'refuses')
    assert.equal(await refused.applied(), -1)
  }

  await using wire = await startRelay(primary.server.url())
  await using yard = await startFollowing(primary, { url: wire.url() })
  await yard.caughtUp()
  const before = await yard.applied()
  await wire.cut()
  await wire.join(other.server.url())
  await other.client.makeUser('eve')
  await until(
    async () => (await problemOf(yard)) === 'altered' || (await problemOf(yard)) === 'refuses',
  )
  assert.equal(await yard.applied(), before)
  assert.equal((await yard.client.get('/eve')).status, 404)

  await wire.cut()
  await wire.join(primary.server.url())
  await primary.client.makeUser('bob')
  await yard.caughtUp()
  assert.equal((await yard.client.get('/bob')).status, 200)
  assert.equal(await problemOf(yard), undefined)
})

test('a file that devpi has lost holds nothing else up, is named, and is fetched once it is back', async () => {
  await using upstream = await startStaticIndex(UPSTREAM_FILES)
  await using primary = await startDevpiPrimary()
  const { client, server } = primary
  await client.makeUser('ada')
  await client.makeIndex('ada/dev')
  const mirror_url = upstream.url('simple/')
  await client.makeIndex('root/mirror', { type: 'mirror', mirror_url })
  const mirrored = await fileOf(client, 'root/mirror', 'tar', '1.0')
  await client.must('GET', mirrored, { accept: '*/*' })
  await client.upload('ada/dev', ANCHOR, { name: 'anchor', version: '1.0' })
  const lost = join(server.folder, '+files', urlOf(ANCHOR))
  await rename(lost, `${lost}-away`)
  // It writes the file after its answer.
  const kept = join(server.folder, '+files', mirrored)
  await until(async () => existsSync(kept))
  await rm(kept)
  await upstream.close()

  await using yard = await startFollowing(primary)
  await client.upload('ada/dev', makeWheel('late', '1.0'), { name: 'late', version: '1.0' })
  await yard.caughtUp({ withoutFiles: true })
  const status = async () => (await yard.client.get('/+status')).result as unknown as Status
  await until(async () => {
    const { blobs } = await status()
    return blobs['changes-to-look-at'] === 1 && blobs.missing === 1
  })

  const path = `file${urlOf(ANCHOR)}`
  assert.deepEqual(Object.keys((await status())['replication-errors']), [path])
  assert.match((await status())['replication-errors'][path]?.message ?? '', /answers 404/)
  assert.notEqual((await yard.client.get(urlOf(ANCHOR), '*/*')).status, 200)
  const late = urlOf(makeWheel('late', '1.0'))
  assert.equal((await yard.client.get(late, '*/*')).status, 200)

  await rename(`${lost}-away`, lost)
  assert.equal((await yard.client.get(urlOf(ANCHOR), '*/*')).status, 200)
  await yard.caughtUp()
  assert.deepEqual((await status())['replication-errors'], {})
})
