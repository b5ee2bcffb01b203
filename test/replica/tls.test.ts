/** A replica that reaches its primary over TLS: it shows a certificate, and trusts an authority of its own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { complete, startGroup, statusOf, upload, versionsOn } from '../support/group.ts'
import { until } from '../support/until.ts'
import { startTlsFront } from '../support/tls-front.ts'

test('changes, files and writes pass over TLS, to who shows the certificate and trusts the authority', async () => {
  await using group = await startGroup()
  const { primary } = group
  await using front = await startTlsFront(() => primary.url())
  assert.equal(await upload(primary, '1.0'), 200)
  const start = (...args: string[]) => group.start({ args: ['--primary-url', front.url, ...args] })

  const replica = await start('--replica-cert', front.client, '--replica-ca', front.ca)
  await complete(replica, primary)
  assert.equal(await upload(replica, '2.0'), 200)
  assert.deepEqual(await versionsOn(replica), ['1.0', '2.0'])
  assert.equal(front.refused, 0)

  const problemOf = async (yard: typeof replica): Promise<string> => {
    await until(async () => (await statusOf(yard)).primary.problem)
    return (await statusOf(yard)).primary.problem.message
  }
  const trusting = await start('--replica-ca', front.ca)
  await problemOf(trusting)
  const strange = await start('--replica-cert', front.stranger, '--replica-ca', front.ca)
  await problemOf(strange)
  const distrusting = await start('--replica-cert', front.client)
  assert.match(await problemOf(distrusting), /certificate/)

  assert.ok(front.refused >= 3)
  for (const yard of [trusting, strange, distrusting]) {
    assert.equal((await statusOf(yard)).serial, -1)
  }
})

test('files that hold no certificate, or the key of another one, are refused at the start', async () => {
  await using group = await startGroup()
  await using front = await startTlsFront(() => group.primary.url())
  const start = (...args: string[]) => group.start({ args: ['--primary-url', front.url, ...args] })

  await assert.rejects(start('--replica-cert', front.ca), /it holds no private key/)
  await assert.rejects(start('--replica-cert', group.secretFile), /it holds no certificate/)
  await assert.rejects(start('--replica-ca', group.secretFile), /it holds no certificate/)
  await assert.rejects(start('--replica-ca', `${front.ca}.gone`), /there is no such file/)
})
