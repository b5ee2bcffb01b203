/** Pages of what a wheel requires are here before a resolver asks for them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { body, byPath, ranged, startFakeUpstream } from '../../test/support/fake-upstream.ts'
import { makeMirrorRig, MIRROR, type MirrorRig } from '../../test/support/mirror.ts'
import { makeWheel } from '../../test/support/wheel.ts'
import { requiredProjects } from './look-ahead.ts'

const wheel = makeWheel('anchor', '1.0', {
  requiresDist: ['claimed', 'Chain >=1', "rope; extra == 'all'", 'chain[a]'],
})
const { filename } = wheel
const link = body(`<a href="/files/${filename}">${filename}</a>`)
const empty = body('<!doctype html><p>none</p>')
const answers = byPath({
  '/simple/anchor/': link,
  [`/files/${filename}`]: ranged(wheel.bytes),
  '/simple/chain/': empty,
})

/** Asks for the metadata of anchor, as a resolver does. */
async function ask(rig: MirrorRig): Promise<void> {
  await rig.mirrors.freshen(MIRROR, 'anchor')
  const entry = (await rig.files('anchor'))[filename]!
  await rig.mirrors.openMetadata(MIRROR, 'anchor', filename, entry)
}

test('what is required everywhere is looked at once, and nothing that a stage has claimed', async () => {
  const asked = Promise.withResolvers<void>()
  await using upstream = await startFakeUpstream((request, response) => {
    if (request.url === '/simple/chain/') asked.resolve()
    return answers(request, response)
  })
  await using rig = await makeMirrorRig(upstream.url('simple'), { makesAhead: true })
  await rig.ledger.write('test', async (tx) => {
    tx.set({ path: 'index/ada/dev' }, { type: 'stage', volatile: true, bases: [MIRROR] })
    tx.set({ path: 'project/ada/dev/claimed' }, { name: 'claimed' })
  })

  await ask(rig)
  await asked.promise
  await ask(rig)
  await rig.mirrors.close() // which waits for what is under way

  const pages = upstream.requests.map(({ path }) => path).filter((path) => /simple\/./.test(path))
  assert.deepEqual(pages, ['/simple/anchor/', '/simple/chain/'])
})

test('a page that fails stops nothing, and is told as no error', async () => {
  const asked = Promise.withResolvers<void>()
  await using upstream = await startFakeUpstream((request, response) => {
    if (request.url !== '/simple/chain/') return answers(request, response)
    response.on('close', () => asked.resolve())
    return body('busy', { status: 503 })(request, response)
  })
  await using rig = await makeMirrorRig(upstream.url('simple'), { makesAhead: true })

  await ask(rig)
  await asked.promise
  await rig.mirrors.close()

  assert.deepEqual(
    rig.log.filter(({ fields }) => 'error' in fields),
    [],
  )
})

test('requirements with markers wait until somebody asks', () => {
  assert.deepEqual(requiredProjects(wheel.metadataBytes), ['claimed', 'chain'])
  assert.deepEqual(requiredProjects(Buffer.from('Requires-Dist: !!\nRequires-Dist: a @ x')), [])
})
