/** Which requests are handed over to the web server in front, and in which words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from './route.ts'
import { fileHeader, isHandedOver } from './send-file.ts'

const callWith = (headers: Record<string, string>) => ({ headers }) as unknown as Call

test('only who asks for the header that is set up here is told of files', () => {
  const named = callWith({ 'x-sendfile-type': 'X-Accel-Redirect' })

  assert.equal(isHandedOver(named, 'x-accel-redirect'), true)
  assert.equal(isHandedOver(named, 'x-sendfile'), false)
  assert.equal(isHandedOver(named, undefined), false)
  assert.equal(isHandedOver(callWith({}), 'x-accel-redirect'), false)
})

test('ranges that other servers might read otherwise are answered here', () => {
  const judge = (range: string) =>
    isHandedOver(callWith({ 'x-sendfile-type': 'x-sendfile', range }), 'x-sendfile')

  for (const range of ['bytes=0-', 'bytes=5-9', 'bytes=-3']) assert.equal(judge(range), true, range)
  for (const range of ['bytes=-', 'bytes=0-1,3-4', 'bytes = 0-1', 'lines=0-', 'bytes=a-b']) {
    assert.equal(judge(range), false, range)
  }
})

test('nginx is told an address of its own, others the file', () => {
  const path = '/srv/yard/blobs/sha256/ab/abcd'

  assert.deepEqual(fileHeader('x-accel-redirect', path), { 'X-Accel-Redirect': '/+blobs/ab/abcd' })
  assert.deepEqual(fileHeader('x-sendfile', path), { 'X-Sendfile': path })
})
