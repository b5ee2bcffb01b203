/** Upstream's pages, good and bad: what is no page of files is a failure, never an empty project. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UpstreamFailure } from '#base/failure'
import {
  body,
  breakAfter,
  byPath,
  notFound,
  redirectInCircles,
  redirectTo,
  startFakeUpstream,
  type Answer,
} from '../../test/support/fake-upstream.ts'
import { asksOf, json, makeMirrorRig, MIRROR, pageOf } from '../../test/support/mirror.ts'

const HALF_HOUR = 1_800_000
const one = pageOf([{ filename: 'anchor-1.0.tar.gz' }])

const failures: Readonly<Record<string, Answer>> = {
  'answers 500': body('oops', { status: 500 }),
  'answers 401': body('who?', { status: 401 }),
  'redirects in circles': redirectInCircles,
  'redirects to no address': redirectTo('ftp://127.0.0.1/'),
  'closes early': breakAfter(Buffer.from(one), 20),
  'sends an image': body(Buffer.from('\x89PNG\r\n'), { type: 'image/png' }),
  'sends a JSON array': json('[1, 2]'),
  'sends JSON of another shape': json('{"files": 7}'),
  'sends a later API version': json('{"meta": {"api-version": "2.0"}, "files": []}'),
  'sends plain text': body('all is well', { type: 'text/html' }),
  'sends nothing': body('', { type: 'text/html' }),
  'sends a login page': body('<html><form><input name="user"></form></html>'),
  'sends an unknown encoding': json(one, { headers: { 'content-encoding': 'pack200' } }),
  'sends what is not gzip': json(one, { headers: { 'content-encoding': 'gzip' } }),
}

for (const [what, answer] of Object.entries(failures)) {
  test(`an upstream that ${what} is a failure, and what is known of it stays`, async () => {
    await using upstream = await startFakeUpstream(answer)
    await using rig = await makeMirrorRig(upstream.url('simple'))

    await assert.rejects(rig.mirrors.freshen(MIRROR, 'anchor'), UpstreamFailure)
    assert.equal(rig.mirrors.isFresh(MIRROR, 'anchor'), false)

    upstream.answerWith(json(one))
    await rig.mirrors.freshen(MIRROR, 'anchor')
    rig.pass(HALF_HOUR)
    upstream.answerWith(answer)
    assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'stale')
    assert.deepEqual(Object.keys(await rig.files('anchor')), ['anchor-1.0.tar.gz'])
  })
}

test('after a failure upstream is left alone for a moment', async () => {
  await using upstream = await startFakeUpstream(json(one))
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await rig.mirrors.freshen(MIRROR, 'anchor')
  rig.pass(HALF_HOUR)
  upstream.answerWith(body('oops', { status: 503 }))

  await rig.mirrors.freshen(MIRROR, 'anchor')
  await rig.mirrors.freshen(MIRROR, 'anchor')
  assert.equal(asksOf(upstream).length, 2)

  rig.pass(3000)
  upstream.answerWith(json(pageOf([])))
  assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')
})

test('an upstream that is not there is a failure that says so', async () => {
  await using upstream = await startFakeUpstream(notFound)
  await using rig = await makeMirrorRig(upstream.url('simple'))
  await upstream.close()

  await assert.rejects(rig.mirrors.freshen(MIRROR, 'anchor'), (error: Error) => {
    assert.equal(
      error.message,
      `error getting ${upstream.url('simple/anchor/')}: connection refused`,
    )
    return error instanceof UpstreamFailure
  })
})

test('links that lead out of the page’s folder resolve against the address after redirects', async () => {
  await using files = await startFakeUpstream(
    json(pageOf([{ filename: 'anchor-1.0.tar.gz', url: '../../f/anchor-1.0.tar.gz' }])),
  )
  await using upstream = await startFakeUpstream(
    byPath({ '/simple/anchor/': redirectTo(files.url('deep/er/anchor/')) }),
  )
  await using rig = await makeMirrorRig(upstream.url('simple'))

  await rig.mirrors.freshen(MIRROR, 'anchor')

  const entry = (await rig.files('anchor'))['anchor-1.0.tar.gz']
  assert.equal(entry?.upstream?.url, files.url('deep/f/anchor-1.0.tar.gz'))
})

test('a page without files is a project without files', async () => {
  const pages: readonly Answer[] = [
    json(pageOf([])),
    body('<!DOCTYPE html><html><body></body></html>'),
    body(pageOf([]), { type: 'text/plain' }),
  ]
  for (const answer of pages) {
    await using upstream = await startFakeUpstream(answer)
    await using rig = await makeMirrorRig(upstream.url('simple'))

    assert.equal(await rig.mirrors.freshen(MIRROR, 'anchor'), 'fresh')

    assert.equal((await rig.project('anchor'))?.name, 'anchor')
    assert.deepEqual(await rig.files('anchor'), {})
  }
})

test('a project’s status is kept', async () => {
  const status = { status: 'archived', reason: 'superseded' }
  await using upstream = await startFakeUpstream(json(pageOf([], { 'project-status': status })))
  await using rig = await makeMirrorRig(upstream.url('simple'))

  await rig.mirrors.freshen(MIRROR, 'anchor')

  assert.deepEqual((await rig.project('anchor'))?.status, status)
})
