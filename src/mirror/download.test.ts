/** Files of an upstream: fetched once, however many want them, and only the right ones. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { blake2b } from '@noble/hashes/blake2.js'
import { sha256 } from '#base/digest'
import type { MirroredFile } from './mirrors.ts'
import type { FileEntry } from '#registry/files'
import {
  body,
  breakAfter,
  chunked,
  stall,
  stallAfter,
  startFakeUpstream,
  type Answer,
} from '../../test/support/fake-upstream.ts'
import { makeMirrorRig, MIRROR, type MirrorRig } from '../../test/support/mirror.ts'
import { startStaticIndex } from '../../test/support/static-index.ts'
import { makeWheel } from '../../test/support/wheel.ts'

const FILENAME = 'anchor-1.0.tar.gz'
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251))

/** A mirror whose ledger lists one file of the upstream. */
async function makeRig(
  url: string,
  listed: Partial<FileEntry> = {},
  settings: object = {},
): Promise<{ rig: MirrorRig; entry: FileEntry; open: () => Promise<MirroredFile> }> {
  const rig = await makeMirrorRig('http://127.0.0.1:1/simple/', settings)
  const entry: FileEntry = { hashes: {}, version: '1.0', addedAt: 1, upstream: { url }, ...listed }
  await rig.ledger.write('test', async (tx) => {
    tx.set({ path: `project/${MIRROR}/anchor` }, { name: 'anchor' })
    tx.set({ path: `file/${MIRROR}/anchor/${FILENAME}` }, entry)
  })
  const open = () => rig.mirrors.openFile(MIRROR, 'anchor', FILENAME, entry)
  return { rig, entry, open }
}

const listed = (content: Buffer): Partial<FileEntry> => ({
  digest: sha256(content),
  hashes: { sha256: sha256(content) },
})

const fileAt = (content: Buffer, options: object = {}): Answer =>
  body(content, { type: 'application/octet-stream', ...options })

async function read(file: MirroredFile, range?: { start: number; end: number }): Promise<Buffer> {
  return buffer(await file.open(range))
}

test('a file is fetched when it is first wanted, and is here from then on', async () => {
  await using upstream = await startFakeUpstream(fileAt(bytes))
  const { rig, open } = await makeRig(upstream.url('f'), listed(bytes))
  await using _ = rig

  const first = await open()
  assert.equal(first.size, bytes.length)
  assert.equal(first.digest, sha256(bytes))
  assert.deepEqual(await read(first), bytes)
  assert.deepEqual(await read(await open()), bytes)
  await upstream.close()
  assert.deepEqual(await read(await open()), bytes)
  assert.deepEqual(await read(first, { start: 5, end: 9 }), bytes.subarray(5, 10))

  assert.equal(upstream.requests.length, 1)
  assert.equal(upstream.requests[0]!.headers['accept-encoding'], 'identity')
})

test('forty readers share one request, each from its own start', async () => {
  const { promise: joined, resolve: goOn } = Promise.withResolvers<void>()
  await using upstream = await startFakeUpstream(async (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, 1000))
    await joined
    response.end(bytes.subarray(1000))
  })
  const { rig, open } = await makeRig(upstream.url('f'), listed(bytes))
  await using _ = rig

  const files = await Promise.all(Array.from({ length: 40 }, open))
  const bodies = files.map((file) => read(file))
  const middle = read(files[0]!, { start: 200_000, end: 200_009 })
  goOn()

  for (const one of await Promise.all(bodies)) assert.deepEqual(one, bytes)
  assert.deepEqual(await middle, bytes.subarray(200_000, 200_010))
  assert.equal(upstream.requests.length, 1)
})

test('the first reader is answered as soon as upstream’s headers are there', async () => {
  await using upstream = await startFakeUpstream(stallAfter(bytes, 1000))
  const { rig, open } = await makeRig(upstream.url('f'), listed(bytes))
  await using _ = rig

  const stream = await (await open()).open()
  const [first] = (await stream.take(1).toArray()) as Buffer[]

  assert.deepEqual(first, bytes.subarray(0, first!.length))
})

test('a download goes on when all who wanted it have left', async () => {
  const { promise: left, resolve: goOn } = Promise.withResolvers<void>()
  await using upstream = await startFakeUpstream(async (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, 1000))
    await left
    response.end(bytes.subarray(1000))
  })
  const { rig, open } = await makeRig(upstream.url('f'), listed(bytes))
  await using _ = rig

  const stream = await (await open()).open()
  stream.destroy()
  goOn()

  assert.deepEqual(await read(await open()), bytes)
  assert.equal(upstream.requests.length, 1)
})

test('what is here already, from whatever index, is not fetched', async () => {
  await using upstream = await startFakeUpstream(stall)
  const { rig, open } = await makeRig(upstream.url('f'), listed(bytes))
  await using _ = rig
  await using staged = await rig.blobs.stage(toStream(bytes))
  await staged.keep()

  assert.deepEqual(await read(await open()), bytes)

  assert.equal(upstream.requests.length, 0)
})

test('the digest and size of a file are learned once it has been here', async () => {
  await using upstream = await startFakeUpstream(chunked([bytes]))
  const { rig, open, entry } = await makeRig(upstream.url('f'))
  await using _ = rig
  const { serial } = rig.ledger
  const change = rig.nextChange()

  const file = await open()
  assert.deepEqual([file.size, file.digest], [undefined, undefined])
  assert.deepEqual(await read(file), bytes)
  assert.deepEqual(await read(await open()), bytes)

  await change
  const learned = { ...entry, digest: sha256(bytes), size: bytes.length }
  assert.deepEqual((await rig.files('anchor'))[FILENAME], learned)
  assert.equal(rig.ledger.serial, serial + 1)
  assert.equal(upstream.requests.length, 1)
})

test('every listed hash that can be checked is checked', async () => {
  const node = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex')
  const right: Record<string, string> = {
    md5: node('md5'),
    sha1: node('sha1'),
    sha224: node('sha224'),
    sha384: node('sha384'),
    sha512: node('sha512'),
    blake2b_256: Buffer.from(blake2b(bytes, { dkLen: 32 })).toString('hex'),
    blake2b: node('blake2b512'),
    crc32: '12345678',
  }
  await using upstream = await startFakeUpstream(fileAt(bytes))
  for (const algorithm of [undefined, ...Object.keys(right)]) {
    const wrong =
      algorithm === undefined ? {} : { [algorithm]: 'f'.repeat(right[algorithm]!.length) }
    const { rig, open } = await makeRig(upstream.url('f'), { hashes: { ...right, ...wrong } })
    await using _ = rig

    const whole = read(await open())

    if (algorithm === undefined || algorithm === 'crc32') assert.deepEqual(await whole, bytes)
    else await assert.rejects(whole, new RegExp(`^UpstreamFailure: the ${algorithm} of what`))
  }
})

const broken: Readonly<Record<string, Answer>> = {
  'other bytes than listed': fileAt(Buffer.from(bytes).fill(1)),
  'a body that ends early': breakAfter(bytes, 150_000),
  'a body that stops': stallAfter(bytes, 150_000),
  'other bytes without telling their number': chunked([Buffer.from(bytes).fill(1)]),
  'more bytes than listed': chunked([bytes, 'more']),
  'fewer bytes than listed': chunked([bytes.subarray(0, 150_000)]),
}

for (const [what, answer] of Object.entries(broken)) {
  test(`${what}: every reader breaks off before the last byte, and nothing is kept`, async () => {
    await using upstream = await startFakeUpstream(answer)
    const size = what.includes('listed') ? { size: bytes.length } : {}
    const { rig, open } = await makeRig(
      upstream.url('f'),
      { ...listed(bytes), ...size },
      { stallTimeoutMs: 300 },
    )
    await using _ = rig

    const [one, two] = await Promise.all([open(), open()])
    for (const result of await Promise.all([drain(one), drain(two)])) {
      assert.equal(result.error?.name, 'UpstreamFailure')
      assert.ok(result.size < bytes.length, `${result.size} bytes came`)
    }

    await rig.mirrors.close()
    assert.equal(await rig.blobs.size(sha256(bytes)), undefined)
    assert.deepEqual(await readdir(`${rig.folder}/blobs/tmp`), [])
    assert.equal(rig.log.at(-1)?.message, 'a download failed')

    upstream.answerWith(fileAt(bytes))
    await rig.restart()
    assert.deepEqual(await read(await open()), bytes)
  })
}

test('an answer of another length than the page lists is refused before any byte', async () => {
  await using upstream = await startFakeUpstream(fileAt(bytes))
  const { rig, open } = await makeRig(upstream.url('f'), { ...listed(bytes), size: 7 })
  await using _ = rig

  await assert.rejects(open(), /is 300000 bytes long, but its page says 7/)
})

test('a status other than 200 is told with the address, and the next one asks again', async () => {
  await using upstream = await startFakeUpstream(body('', { status: 404 }))
  const { rig, open } = await makeRig(upstream.url('f?key=secret'), listed(bytes))
  await using _ = rig

  const message = (status: number) => `error ${status} getting ${upstream.url('f')}`
  await assert.rejects(open(), { message: message(404), status: 404 })
  upstream.answerWith(body('', { status: 503 }))
  await assert.rejects(open(), { message: message(503), status: 503 })
  upstream.answerWith(fileAt(bytes))
  assert.deepEqual(await read(await open()), bytes)
})

test('closing breaks off a download that runs, and leaves nothing of it', async () => {
  await using upstream = await startFakeUpstream(stallAfter(bytes, 1000))
  const { rig, open } = await makeRig(upstream.url('f'), listed(bytes))
  await using _ = rig
  const result = drain(await open())

  await rig.mirrors.close()

  assert.equal((await result).error?.name, 'UpstreamFailure')
  assert.deepEqual(await readdir(`${rig.folder}/blobs/tmp`), [])
})

test('a wheel that came in adds its core metadata where upstream tells none', async () => {
  const wheel = makeWheel('anchor', '1.0')
  await using upstream = await startStaticIndex([{ filename: wheel.filename, bytes: wheel.bytes }])
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')
  const entry = (await rig.files('anchor'))[wheel.filename]!
  assert.equal(entry.metadata, undefined)

  const file = await rig.mirrors.openFile(MIRROR, 'anchor', wheel.filename, entry)
  const change = rig.nextChange()
  await read(file)
  await change

  const learned = (await rig.files('anchor'))[wheel.filename]!
  assert.equal(learned.metadata, sha256(wheel.metadataBytes))
  await rig.mirrors.refresh(MIRROR, 'anchor')
  assert.deepEqual((await rig.files('anchor'))[wheel.filename], learned)
})

async function drain(file: MirroredFile): Promise<{ size: number; error: Error | undefined }> {
  let size = 0
  try {
    for await (const chunk of (await file.open()) as AsyncIterable<Buffer>) size += chunk.length
    return { size, error: undefined }
  } catch (error) {
    return { size, error: error as Error }
  }
}

async function* toStream(content: Buffer): AsyncGenerator<Buffer> {
  yield content
}
