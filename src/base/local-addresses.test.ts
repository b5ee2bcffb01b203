/** Addresses that nothing is sent to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertOpenHost, ClosedAddress, isClosedAddress, openLookup } from './local-addresses.ts'

test('link-local addresses are closed, in every spelling', () => {
  for (const address of [
    '169.254.169.254',
    'fe80::1',
    'febf::1',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
  ]) {
    assert.equal(isClosedAddress(address), true, address)
  }
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', '169.253.1.1', 'fd00::1', 'localhost']) {
    assert.equal(isClosedAddress(address), false, address)
  }
})

test('a host of an address is asked as an address is, also as other bases write it', () => {
  for (const url of ['http://2852039166/', 'http://0xa9.0xfe.0xa9.0xfe/', 'http://[fe80::1]/']) {
    assert.throws(() => assertOpenHost(new URL(url).hostname), ClosedAddress)
  }
  assertOpenHost('upload.example.org')
})

test('a name that leads to an open address is looked up as ever', async () => {
  const found = await new Promise((resolve, reject) => {
    openLookup('localhost', { all: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    )
  })
  assert.ok(Array.isArray(found) && found.length > 0)
})
