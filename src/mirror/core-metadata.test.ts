/** The `.metadata` of a mirrored wheel: what is advertised is answered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '#base/digest'
import type { FileEntry } from '#registry/files'
import { body, byPath, startFakeUpstream, type Answer } from '../../test/support/fake-upstream.ts'
import { makeMirrorRig, MIRROR, type MirrorRig } from '../../test/support/mirror.ts'
import { makeWheel } from '../../test/support/wheel.ts'

const wheel = makeWheel('anchor', '1.0')
const hex = sha256(wheel.metadataBytes)

/** Opens the metadata of a wheel whose entry says this of it. */
async function makeRig(
  url: string,
  metadata: FileEntry['metadata'],
): Promise<{ rig: MirrorRig; open: () => Promise<Buffer | undefined> }> {
  const rig = await makeMirrorRig('http://127.0.0.1:1/simple/')
  const entry: FileEntry = {
    hashes: {},
    version: '1.0',
    addedAt: 1,
    upstream: { url },
    ...(metadata !== undefined && { metadata }),
  }
  await rig.ledger.write('test', async (tx) =>
    tx.set({ path: `file/${MIRROR}/anchor/${wheel.filename}` }, entry),
  )
  return { rig, open: () => rig.mirrors.openMetadata(MIRROR, 'anchor', wheel.filename, entry) }
}

const text = (content: Uint8Array | string): Answer => body(content, { type: 'text/plain' })

test('upstream’s metadata is checked, kept and asked for once', async () => {
  await using upstream = await startFakeUpstream(
    byPath({ '/w.whl.metadata': text(wheel.metadataBytes) }),
  )
  const { rig, open } = await makeRig(upstream.url('w.whl'), hex)
  await using _ = rig

  for (const bytes of await Promise.all([open(), open(), open()])) {
    assert.deepEqual(bytes, wheel.metadataBytes)
  }
  await upstream.close()
  assert.deepEqual(await open(), wheel.metadataBytes)

  assert.deepEqual(
    upstream.requests.map(({ path }) => path),
    ['/w.whl.metadata'],
  )
})

test('where upstream does not tell the hash, it is learned', async () => {
  await using upstream = await startFakeUpstream(
    byPath({ '/w.whl.metadata': text(wheel.metadataBytes) }),
  )
  const { rig, open } = await makeRig(upstream.url('w.whl'), true)
  await using _ = rig

  assert.deepEqual(await open(), wheel.metadataBytes)

  assert.equal((await rig.files('anchor'))[wheel.filename]?.metadata, hex)
})

const wrong: Readonly<Record<string, Answer>> = {
  'has none': body('', { status: 404 }),
  'sends something else': text('Metadata-Version: 2.1\nName: other\nVersion: 1\n'),
  'sends an error page': body('<html>oops</html>'),
}

for (const [what, answer] of Object.entries(wrong)) {
  for (const metadata of [hex, true] as const) {
    test(`where upstream ${what} (${metadata === true ? 'no hash' : 'a hash'}), the wheel itself tells`, async () => {
      await using upstream = await startFakeUpstream(
        byPath({ '/w.whl.metadata': answer, '/w.whl': text(wheel.bytes) }),
      )
      const { rig, open } = await makeRig(upstream.url('w.whl'), metadata)
      await using _ = rig

      assert.deepEqual(await open(), wheel.metadataBytes)
    })
  }
}

test('a wheel without advertised metadata is read, and upstream not asked for what it lacks', async () => {
  await using upstream = await startFakeUpstream(byPath({ '/w.whl': text(wheel.bytes) }))
  const { rig, open } = await makeRig(upstream.url('w.whl'), undefined)
  await using _ = rig

  assert.deepEqual(await open(), wheel.metadataBytes)
  assert.deepEqual(
    upstream.requests.map(({ path }) => path),
    ['/w.whl'],
  )
})

test('metadata that is neither upstream nor in the wheel is upstream’s failure', async () => {
  const bare = makeWheel('anchor', '1.0', { omit: ['METADATA'] })
  await using upstream = await startFakeUpstream(byPath({ '/w.whl': text(bare.bytes) }))
  const promised = await makeRig(upstream.url('w.whl'), true)
  await using _ = promised.rig
  const unpromised = await makeRig(upstream.url('w.whl'), undefined)
  await using __ = unpromised.rig

  await assert.rejects(promised.open(), { name: 'UpstreamFailure' })
  assert.equal(await unpromised.open(), undefined)
})

test('an upstream that is down fails at once, and no whole wheel is fetched instead', async () => {
  await using upstream = await startFakeUpstream(text(''))
  const { rig, open } = await makeRig(upstream.url('w.whl'), hex)
  await using _ = rig
  await upstream.close()

  await assert.rejects(open(), /w\.whl\.metadata: connection refused/)
})
