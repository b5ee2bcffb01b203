/** Clients that ask for much and read next to nothing of it: they hold back nobody, and little memory. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { startFakeUpstream } from '../support/fake-upstream.ts'
import { assertWhole, listFiles } from '../support/listed-files.ts'
import { json, pageOf } from '../support/mirror.ts'
import { forgetPeak, peakMemory, residentMemory } from '../support/process-memory.ts'
import { openSocket } from '../support/raw-socket.ts'
import { makeUploader } from '../support/uploader.ts'
import { makeWheel } from '../support/wheel.ts'
import { startYard } from '../support/yard.ts'

const READERS = 500
const FILE_SIZE = 5_000_000
const PAGE_FILES = 20_000
/** A copy of what each of them asked for would be 2 GB. */
const MOST_GROWTH = 400e6

test('500 slow readers of a large file and a large page hold back nobody, and little memory', async (t) => {
  const large = makeWheel('large', '1.0', { extraFiles: { 'ballast.bin': randomBytes(FILE_SIZE) } })
  await using upstream = await startFakeUpstream(json(pageOf(manyFiles())))
  const mirror = { name: 'ada/mirror', type: 'mirror', mirror_url: upstream.url() }
  await using yard = await startYard({
    stages: ['ada/dev', mirror],
    args: ['--request-timeout', '60s'],
  })
  using uploader = makeUploader()
  const upload = await uploader.upload(yard.url('ada/dev/'), large)
  assert.equal(upload.status, 200, upload.text)
  const before = await residentMemory(yard.pid)
  await forgetPeak(yard.pid)

  const [file] = await listFiles(yard.url('ada/dev/+simple/large/'))
  const wanted = [file?.url ?? '', yard.url('ada/mirror/+simple/anchor/')] as const
  const sizes = await Promise.all(wanted.map(sizeOf))
  assert.ok(sizes.every((size) => size > 3_000_000))

  const readers = await Promise.all(
    Array.from({ length: READERS }, (_, number) => startReading(wanted[number % 2 ? 1 : 0])),
  )
  for (let number = 0; number < 20; number++) {
    const small = await uploader.upload(yard.url('ada/dev/'), makeWheel('small', `1.${number}`))
    assert.equal(small.status, 200, small.text)
    for (const reader of readers) reader.read(10)
  }
  await assertWhole(await listFiles(yard.url('ada/dev/+simple/small/')))

  const growth = (await peakMemory(yard.pid)) - before
  t.diagnostic(`grew by ${Math.round(growth / 1e6)} MB at most`)
  assert.ok(growth < MOST_GROWTH, `grew by ${growth} bytes`)

  const [ofFile, ofPage, ...others] = readers
  for (const other of others) other.destroy()
  const read = await Promise.all([ofFile, ofPage].map((reader) => readOn(reader!)))
  assert.deepEqual(read, sizes)
})

function manyFiles() {
  return Array.from({ length: PAGE_FILES }, (_, number) => ({
    filename: `anchor-1.${number}.tar.gz`,
    hashes: { sha256: number.toString(16).padStart(64, '0') },
  }))
}

async function sizeOf(url: string): Promise<number> {
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity' } })
  return (await response.arrayBuffer()).byteLength
}

/** Asks, and waits until the answer has begun; of what follows nothing is read. */
async function startReading(url: string): Promise<Socket> {
  const socket = await openSocket(url)
  const { host, pathname } = new URL(url)
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  await once(socket, 'readable')
  return socket
}

/** Reads to the end. Returns how long the body was; what was read before is the beginning of its head. */
async function readOn(socket: Socket): Promise<number> {
  let head = ''
  let rest = 0
  socket.on('data', (chunk: Buffer) => {
    if (head.includes('\r\n\r\n')) rest += chunk.length
    else head += chunk.toString('latin1')
  })
  await once(socket, 'close')
  const [top = '', begun = ''] = head.split('\r\n\r\n')
  assert.match(top, /content-length/i)
  return begun.length + rest
}
