import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isHexDigest, isSha256, parseSha256, sha256, sha256OfStream } from './digest.ts'

const ofEmpty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const ofAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

test('bytes, text and streams have the digest of the standard', async () => {
  async function* inPieces() {
    yield Buffer.from('a')
    yield Buffer.from('bc')
  }

  assert.equal(sha256(new Uint8Array()), ofEmpty)
  assert.equal(sha256('abc'), ofAbc)
  assert.deepEqual(await sha256OfStream(inPieces()), { digest: ofAbc, size: 3 })
})

test('a digest is exactly 64 lower-case hex digits', () => {
  assert.ok(isSha256(ofAbc))
  const others = [
    '',
    ofAbc.slice(1),
    `${ofAbc}0`,
    `${ofAbc}\n`,
    ofAbc.toUpperCase(),
    '../'.repeat(22),
  ]
  for (const other of others) assert.ok(!isSha256(other), other)
})

test('a digest written in capitals is read as the same digest', () => {
  assert.equal(parseSha256(ofAbc.toUpperCase()), ofAbc)
  assert.equal(parseSha256(`${ofAbc.slice(1)}g`), undefined)
})

test('hex digests of other algorithms are checked by their length', () => {
  assert.ok(isHexDigest('D41D8CD98F00B204E9800998ECF8427E', 16))
  assert.ok(!isHexDigest('d41d8cd98f00b204e9800998ecf8427', 16))
  assert.ok(!isHexDigest('d41d8cd98f00b204e9800998ecf8427g', 16))
})
