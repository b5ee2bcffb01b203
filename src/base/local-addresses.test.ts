/** Addresses that nothing is sent to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertOpenHost,
  assertPublicHost,
  ClosedAddress,
  isClosedAddress,
  isInnerHost,
  openLookup,
  publicLookup,
} from './local-addresses.ts'

test('link-local addresses are closed, in every spelling', () => {
  for (const address of [
    '169.254.169.254',
    'fe80::1',
    'febf::1',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '::ffff:0:169.254.169.254',
    '2002:a9fe:a9fe::1',
    'fe80::1%eth0',
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

for (const address of [
  '0.1.2.3',
  '10.255.0.1',
  '100.64.0.1',
  '127.0.0.2',
  '172.31.0.1',
  '192.0.0.8',
  '192.168.0.1',
  '198.19.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::8.8.8.8',
  '::ffff:10.0.0.1',
  '::ffff:0:10.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b:1::1',
  '100::1',
  '2001:0:1::1',
  '2002:808:808::1',
  'fd12::1',
  'fec0::1',
  'ff02::1',
]) {
  test(`${address} is no address of a public host`, () => {
    const host = address.includes(':') ? `[${address}]` : address
    assert.throws(() => assertPublicHost(host), ClosedAddress)
    assert.throws(() => assertPublicHost(new URL(`http://${host}/`).hostname), ClosedAddress)
  })
}

test('public hosts are public, also behind a gateway from IPv6', () => {
  for (const host of [
    '8.8.8.8',
    '100.128.0.1',
    '172.32.0.1',
    '192.0.1.1',
    '198.20.0.1',
    '223.255.255.255',
    '[64:ff9b::8.8.8.8]',
    '[2606:4700::1]',
    '[::ffff:8.8.8.8]',
    'files.example',
  ]) {
    assertPublicHost(host)
  }
})

test('a host is inside by its private addresses; what is reserved or odd is not', async () => {
  for (const host of ['127.0.0.1', '[::1]', '10.1.1.1', '[fd12::1]', 'localhost']) {
    assert.equal(await isInnerHost(host), true, host)
  }
  for (const host of ['8.8.8.8', '240.0.0.1', '[2002:a00:1::]', '[::127.0.0.1]', 'none.invalid']) {
    assert.equal(await isInnerHost(host), false, host)
  }
})

test('a name that leads inside is none of a public host', async () => {
  await new Promise<void>((resolve) => {
    publicLookup('localhost', { all: true }, (error) => {
      assert.ok(error instanceof ClosedAddress)
      resolve()
    })
  })
})
