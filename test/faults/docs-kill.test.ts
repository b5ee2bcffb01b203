/**
 * Documentation and test results that are acknowledged survive `kill -9`, and nothing is half there. More rounds with
 * WHEELYARD_TEST_ROUNDS=20, other moments with WHEELYARD_TEST_SEED=7.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { sha256 } from '#base/digest'
import { docsParts, makeDocs } from '../support/docs.ts'
import { makeForm, urlOf } from '../support/upload.ts'
import { makeUploader, type Uploader } from '../support/uploader.ts'
import { verifyStore } from '../support/verify-store.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const CLIENTS = 4
const rounds = Number(process.env['WHEELYARD_TEST_ROUNDS'] ?? 4)
const seed = Number(process.env['WHEELYARD_TEST_SEED'] ?? 5)

test('no acknowledged documentation or test result is lost when the server is killed', async (t) => {
  await using yard = await startYard({ stages: ['ada/dev'], args: ['--log-level', 'error'] })
  const acknowledged = new Set<string>()
  const moments = fc.sample(fc.noBias(fc.nat(2_000_000)), { seed, numRuns: rounds })

  for (const [round, bytes] of moments.entries()) {
    for (const digest of await sendUntil(yard, round, bytes)) acknowledged.add(digest)
    await yard.restart()

    const present = await listDigests(yard)
    assert.deepEqual([...acknowledged.difference(present)], [], `round ${round}, ${bytes} bytes`)
    await verifyStore(yard.folder)
  }
  t.diagnostic(`${acknowledged.size} acknowledged`)
})

/** Sends until so many bytes are on their way, then kills the server. Returns what was acknowledged. */
async function sendUntil(yard: Yard, round: number, limit: number): Promise<Set<string>> {
  const acknowledged = new Set<string>()
  let sent = 0
  let killed: Promise<number> | undefined
  const onSent = (bytes: number): void => {
    sent += bytes
    if (sent >= limit) killed ??= yard.kill('SIGKILL')
  }

  async function sendAll(client: number): Promise<void> {
    using uploader = makeUploader({ onSent })
    const wheel = makeWheel(`client${client}`, `${round}`)
    await succeed(uploader.upload(yard.url('ada/dev/'), wheel))
    acknowledged.add(wheel.sha256)
    for (let number = 0; ; number++) {
      const send = number % 2 === 0 ? sendSome : sendResult
      acknowledged.add(await send(uploader, client, number))
    }

    async function sendResult(to: Uploader, _client: number, number: number): Promise<string> {
      const body = Buffer.from(
        JSON.stringify({ number, ballast: randomBytes(5000).toString('hex') }),
      )
      const url = yard.url(urlOf(wheel, 'ada/dev'))
      await succeed(to.post(url, { type: 'application/json', body }))
      return sha256(body)
    }
  }

  async function sendSome(to: Uploader, client: number, number: number): Promise<string> {
    const docs = makeDocs({ 'ballast.bin': randomBytes(number % 8 ? 5000 : 300_000) })
    const fields = { name: `client${client}`, version: `${round}.${number}` }
    await succeed(to.post(yard.url('ada/dev/'), makeForm(docsParts(docs, fields))))
    return docs.sha256
  }

  const running = Array.from({ length: CLIENTS }, (_, client) => sendAll(client))
  for (const result of await Promise.allSettled(running)) {
    // An answer that is none of success is a fault; a broken connection is what was asked for.
    if (result.status === 'rejected' && result.reason instanceof assert.AssertionError) {
      throw result.reason
    }
  }
  assert.equal(await killed, 137, yard.log)
  return acknowledged
}

async function succeed(reply: ReturnType<Uploader['post']>): Promise<void> {
  const { status, text } = await reply
  assert.equal(status, 200, text)
}

/** Of all that the index tells of, once each is shown to be whole. */
async function listDigests(yard: Yard): Promise<Set<string>> {
  const digests = new Set<string>()
  for (let client = 0; client < CLIENTS; client++) {
    const headers = { accept: 'application/json' }
    const reply = await fetch(yard.url(`ada/dev/client${client}`), { headers })
    if (reply.status === 404) continue
    const { result } = (await reply.json()) as { result: Record<string, Release> }
    for (const { '+links': links = [] } of Object.values(result)) {
      for (const { href, hash_spec: hash } of links) {
        const digest = sha256(Buffer.from(await (await fetch(href)).arrayBuffer()))
        assert.equal(hash, `sha256=${digest}`)
        digests.add(digest)
      }
    }
  }
  return digests
}

interface Release {
  readonly '+links'?: readonly { readonly href: string; readonly hash_spec: string }[]
}
