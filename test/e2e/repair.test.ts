/** Upstreams that hold files and nothing else: what installers need of a wheel is made from it, by real servers' real answers. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { startPythonServer } from '../support/file-servers.ts'
import { assertInstalls } from '../support/installers.ts'
import { plainIndex, startCountingNginx } from '../support/plain-index.ts'
import { startRelay } from '../support/relay.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard, type Yard } from '../support/yard.ts'

const padding = { 'anchor/data.bin': randomBytes(400_000) }
const newer = makeWheel('anchor', '2.0', { requiresDist: ['chain>=2'], extraFiles: padding })
const future = makeWheel('anchor', '3.0', { requiresPython: '>=99', extraFiles: padding })
const files = [
  makeWheel('anchor', '1.0', { requiresDist: ['chain<2'] }),
  newer,
  future,
  makeWheel('chain', '1.0'),
]

const startOver = (upstreamUrl: string): Promise<Yard> =>
  startYard({
    stages: [
      { name: 'ada/mirror', type: 'mirror', mirror_url: upstreamUrl },
      { name: 'ada/dev', bases: ['ada/mirror'] },
    ],
  })

function asked<R extends { readonly path: string }>(requests: readonly R[], filename: string): R[] {
  return requests.filter(({ path }) => path === `/files/${filename}`)
}

test('a resolver turns a wheel down by parts of it, where upstream is nginx with files', async () => {
  await using upstream = await startCountingNginx(files)
  await using yard = await startOver(upstream.url('simple/'))
  const from = yard.url('ada/dev/+simple/')
  const expected = ['anchor-1.0', 'chain-1.0']

  for (const tool of ['pip', 'uv'] as const)
    await assertInstalls(tool, 'anchor', { from, expected })

  for (const { filename } of [newer, future]) {
    const requests = asked(upstream.requests(), filename)
    assert.ok(requests.length >= 1 && requests.length <= 3, JSON.stringify(requests))
    assert.ok(requests.every(({ status, bytes }) => status === 206 && bytes < 16_384))
  }
  const page = await fetch(`${from}anchor/`, {
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
  })
  const listed = ((await page.json()) as { files: Record<string, unknown>[] }).files
  const told = listed.find(({ filename }) => filename === future.filename)
  assert.equal(told?.['requires-python'], '>=99')
  assert.equal(told['size'], future.bytes.length)
})

test('where upstream sends no parts, as Python’s own server, each wheel comes once and is kept', async () => {
  await using upstream = await startPythonServer(plainIndex(files))
  await using relay = await startRelay(upstream.url())
  await using yard = await startOver(relay.url('simple/'))
  const from = yard.url('ada/dev/+simple/')
  const expected = ['anchor-1.0', 'chain-1.0']

  for (const tool of ['pip', 'uv'] as const)
    await assertInstalls(tool, 'anchor', { from, expected })

  for (const { filename } of files) {
    assert.equal(asked(relay.requests, filename).length, 1, filename)
  }
})
