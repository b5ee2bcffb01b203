/** Metadata made before anybody asks: of what a resolver looks at first, and never at the cost of those who wait. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBytes } from 'node:crypto'
import { sha256 } from '#base/digest'
import {
  body,
  byPath,
  ranged,
  startFakeUpstream,
  type Answer,
} from '../../test/support/fake-upstream.ts'
import { makeMirrorRig, MIRROR, type MirrorRig } from '../../test/support/mirror.ts'
import { makeWheel, type Distribution } from '../../test/support/wheel.ts'
import { chooseWheels } from './make-ahead.ts'

const wheelOf = (project: string, version: string): Distribution =>
  makeWheel(project, version, { extraFiles: { 'data.bin': randomBytes(50_000) } })

const versions = ['1.0', '2.0', '3.0', '4.0', '5.0rc1']
const wheels = versions.map((version) => wheelOf('anchor', version))

const page = (files: readonly Distribution[]): Answer =>
  body(files.map(({ filename }) => `<a href="/files/${filename}">${filename}</a>`).join('\n'))

const serve = (files: readonly Distribution[], send: (bytes: Buffer) => Answer): Answer =>
  byPath({
    '/simple/anchor/': page(files),
    ...Object.fromEntries(files.map(({ filename, bytes }) => [`/files/${filename}`, send(bytes)])),
  })

/** Looks at the project, and waits for the change that follows the new links, if there is one. */
async function freshen(rig: MirrorRig, changes: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = changes
  const unfollow = rig.ledger.follow(() => --left === 0 && resolve())
  await rig.mirrors.freshen(MIRROR, 'anchor')
  await promise
  unfollow()
}

test('the metadata of the newest final versions is there before it is asked for, in one change', async () => {
  await using upstream = await startFakeUpstream(serve(wheels, ranged))
  await using rig = await makeMirrorRig(upstream.url('simple'), { makesAhead: true })

  await freshen(rig, 2)

  const files = await rig.files('anchor')
  const made = wheels.map(({ filename }) => files[filename]?.metadata)
  const hashes = wheels.map(({ metadataBytes }) => sha256(metadataBytes))
  assert.deepEqual(made, [undefined, hashes[1], hashes[2], hashes[3], undefined])
  const asked = upstream.requests.filter(({ path }) => path.startsWith('/files/'))
  assert.ok(asked.every(({ headers }) => headers.range !== undefined))
})

test('of a server that sends no parts no whole file is fetched ahead', async () => {
  const asked = Promise.withResolvers<void>()
  const send = (bytes: Buffer): Answer => {
    return (request, response) => {
      response.on('close', () => asked.resolve())
      return body(bytes)(request, response)
    }
  }
  await using upstream = await startFakeUpstream(serve(wheels, send))
  await using rig = await makeMirrorRig(upstream.url('simple'), { makesAhead: true })

  await freshen(rig, 1)
  await asked.promise
  await rig.mirrors.close()

  const files = Object.values(await rig.files('anchor'))
  assert.ok(files.every(({ metadata, digest }) => metadata === undefined && digest === undefined))
})

for (const [what, options] of [
  ['an index that makes none', { mirror_make_metadata: false }],
  ['a server that makes none ahead', {}],
] as const) {
  test(`nothing is asked ahead for ${what}`, async () => {
    await using upstream = await startFakeUpstream(serve(wheels, ranged))
    const makesAhead = 'mirror_make_metadata' in options
    await using rig = await makeMirrorRig(upstream.url('simple'), { makesAhead })
    await rig.setMirror(options)

    await freshen(rig, 1)
    await rig.mirrors.close()

    assert.ok(!upstream.requests.some(({ path }) => path.startsWith('/files/')))
  })
}

test('a wheel for any machine is enough, else two that most machines take; yanked ones are left out', () => {
  const listed = [
    'anchor-2.0-py3-none-any.whl',
    'anchor-2.0-cp312-cp312-win_amd64.whl',
    'anchor-1.0-cp313-cp313-manylinux_2_17_x86_64.whl',
    'anchor-1.0-cp313-cp313t-manylinux_2_17_x86_64.whl',
    'anchor-1.0-cp312-cp312-manylinux_2_17_x86_64.whl',
    'anchor-1.0-cp314-cp314-macosx_11_0_arm64.whl',
    'anchor-1.0.tar.gz',
    'anchor-3.0-py3-none-any.whl',
  ].map((filename) => ({
    filename,
    file: {
      hashes: {},
      version: filename.split('-')[1]!.replace('.tar.gz', ''),
      addedAt: 1,
      upstream: { url: `http://127.0.0.1:1/${filename}` },
      ...(filename.includes('-3.0-') && { yanked: true as const }),
    },
  }))

  assert.deepEqual(
    chooseWheels(listed).map(({ filename }) => filename),
    [
      'anchor-2.0-py3-none-any.whl',
      'anchor-1.0-cp313-cp313-manylinux_2_17_x86_64.whl',
      'anchor-1.0-cp312-cp312-manylinux_2_17_x86_64.whl',
    ],
  )
})
