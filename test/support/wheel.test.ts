import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { makeSdist, makeWheel } from './wheel.ts'

test('equal input makes equal bytes, other content makes another file of the same name', () => {
  const one = makeWheel('anchor', '1.0')
  const same = makeWheel('anchor', '1.0')
  const other = makeWheel('anchor', '1.0', { content: 'changed = True\n' })

  assert.equal(one.sha256, same.sha256)
  assert.notEqual(one.sha256, other.sha256)
  assert.equal(one.filename, other.filename)
})

test('file names carry the normal form of the name', () => {
  const options = { tag: 'py2.py3-none-any', buildTag: '7' }

  assert.equal(
    makeWheel('An-chor.x', '1.0', options).filename,
    'an_chor_x-1.0-7-py2.py3-none-any.whl',
  )
  assert.equal(makeSdist('An-chor.x', '1.0').filename, 'an_chor_x-1.0.tar.gz')
})

test('the metadata handed out stands in the archive', () => {
  const { bytes, metadataBytes } = makeSdist('anchor', '1.0', { requiresPython: '>=3.8' })

  assert.match(metadataBytes.toString(), /^Requires-Python: >=3\.8$/m)
  assert.ok(gunzipSync(bytes).includes(metadataBytes))
})
