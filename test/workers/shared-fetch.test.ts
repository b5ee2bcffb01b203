/** What is not here yet, asked of several workers at once: upstream is asked once, and all get all of it. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage, type ServerResponse } from 'node:http'
import { test } from 'node:test'
import { buffer } from 'node:stream/consumers'
import { byPath, startFakeUpstream, type Answer } from '../support/fake-upstream.ts'
import { listFiles, sha256 } from '../support/listed-files.ts'
import { json, pageOf } from '../support/mirror.ts'
import { connectToEach, startWorkers, type WorkerYard } from '../support/workers.ts'

const filename = 'anchor-1.0.tar.gz'
const bytes = randomBytes(3_000_000)
const page = json(pageOf([{ filename, hashes: { sha256: sha256(bytes) } }]))

/** Answers once the test says so. */
function held(answer: Answer): { answer: Answer; asked: Promise<unknown>; go: () => void } {
  const asked = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  return {
    asked: asked.promise,
    go: gone.resolve,
    async answer(request, response) {
      asked.resolve()
      await gone.promise
      return answer(request, response)
    },
  }
}

/** Half of the file at once, and the rest when the test says so. */
function inHalves(): { answer: Answer; halves: ServerResponse[]; go: () => void } {
  const gone = Promise.withResolvers<void>()
  const halves: ServerResponse[] = []
  return {
    halves,
    go: gone.resolve,
    async answer(_, response) {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, bytes.length / 2))
      halves.push(response)
      await gone.promise
      response.end(bytes.subarray(bytes.length / 2))
    },
  }
}

async function startOver(upstreamUrl: string): Promise<WorkerYard> {
  const mirror = { name: 'ada/mirror', type: 'mirror', mirror_url: upstreamUrl }
  return startWorkers({ stages: [mirror], args: ['--request-timeout', '60s'] })
}

test('a page that nobody has asked for is looked at once', async () => {
  const slow = held(page)
  await using upstream = await startFakeUpstream(byPath({ '/simple/anchor/': slow.answer }))
  await using yard = await startOver(upstream.url('simple/'))
  const connections = await connectToEach(yard)

  const url = yard.url('ada/mirror/+simple/anchor/')
  const answers = connections.map((connection) => connection.get(url))
  await slow.asked
  slow.go()
  const heard = await Promise.all(answers)

  assert.deepEqual(
    heard.map(({ status, body }) => [status, body.includes(filename)]),
    [
      [200, true],
      [200, true],
    ],
  )
  assert.equal(upstream.requestsTo('/simple/anchor/').length, 1)
  for (const connection of connections) connection[Symbol.dispose]()
})

test('an upstream that fails is asked once, and everybody is told', async () => {
  const slow = held((_, response) => void response.writeHead(500).end())
  await using upstream = await startFakeUpstream(byPath({ '/simple/anchor/': slow.answer }))
  await using yard = await startOver(upstream.url('simple/'))
  const connections = await connectToEach(yard)

  const url = yard.url('ada/mirror/+simple/anchor/')
  const answers = connections.map((connection) => connection.get(url))
  await slow.asked
  slow.go()
  const heard = await Promise.all(answers)

  assert.deepEqual(
    heard.map(({ status }) => status),
    [502, 502],
  )
  for (const connection of connections) connection[Symbol.dispose]()
})

test('a file is fetched once, and clients of all workers read it while it grows', async () => {
  const { answer, halves, go } = inHalves()
  await using upstream = await startFakeUpstream(
    byPath({ '/simple/anchor/': page, [`/files/${filename}`]: answer }),
  )
  await using yard = await startOver(upstream.url('simple/'))
  const [file] = await listFiles(yard.url('ada/mirror/+simple/anchor/'))

  const downloads = await beginOnEach(file!.url, 12)
  go()
  const contents = await Promise.all(downloads.map((download) => buffer(download)))

  assert.ok(contents.every((content) => content.equals(bytes)))
  assert.equal(halves.length, 1)
})

test('when the worker that fetches a file dies, the clients of the others have it whole', async () => {
  const { answer, halves, go } = inHalves()
  await using upstream = await startFakeUpstream(
    byPath({ '/simple/anchor/': page, [`/files/${filename}`]: answer }),
  )
  await using yard = await startOver(upstream.url('simple/'))
  const [file] = await listFiles(yard.url('ada/mirror/+simple/anchor/'))
  const ends: Promise<PromiseSettledResult<Buffer>>[] = []
  const begin = async (): Promise<void> => {
    const downloads = await beginOnEach(file!.url, 12)
    ends.push(
      ...downloads.map(async (download) => (await Promise.allSettled([buffer(download)]))[0]),
    )
  }
  await begin()

  const closed = once(halves[0]!, 'close')
  // Whichever of them fetches: its connection to upstream breaks with it.
  for (const [place, pid] of [...yard.workers().values()].entries()) {
    process.kill(pid, 'SIGKILL')
    const replaced = yard.begun(3 + place)
    if (await Promise.race([closed.then(() => true), replaced.then(() => false)])) break
    await begin() // also at the worker that took the place of the wrong one
  }
  go()
  const results = await Promise.all(ends)

  const whole = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  assert.ok(whole.every((content) => content.equals(bytes)))
  assert.ok(whole.length > 0, 'the clients of the other worker')
})

/** Downloads whose first bytes have come, on connections of their own: with so many each worker has some. */
async function beginOnEach(url: string, count: number): Promise<IncomingMessage[]> {
  const workers = new Set<string>()
  const begun: IncomingMessage[] = []
  while (begun.length < count || workers.size < 2) {
    const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage]
    assert.equal(answer.statusCode, 200)
    workers.add(String(answer.headers['x-request-id']).split('-')[0] ?? '')
    begun.push(answer)
  }
  return begun
}
