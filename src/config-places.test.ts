import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addressList,
  count,
  findContradictions,
  listenPlaces,
  permissions,
  proxyAddress,
  proxyHeaderList,
} from './config-places.ts'
import { trustedProxy } from './config-places.ts'
import { findExposed, makeConfig } from './config.ts'

const socket = { path: '/run/yard.sock', mode: 0o600 }
const usual = { host: '127.0.0.1', port: 3141 }

for (const [changes, places] of [
  [{}, [usual]],
  [{ unixSocket: socket.path }, [socket]],
  [{ unixSocket: socket.path, host: 'localhost' }, [socket]],
  [{ unixSocket: socket.path, port: 3142 }, [{ ...usual, port: 3142 }, socket]],
  [{ unixSocket: socket.path, host: '0.0.0.0' }, [{ ...usual, host: '0.0.0.0' }, socket]],
  [{ listen: [usual, { host: '::1', port: 1 }] }, [usual, { host: '::1', port: 1 }]],
  [{ listen: [usual], unixSocket: socket.path }, [usual, socket]],
  [{ unixSocket: socket.path, unixSocketPerms: 0o666 }, [{ ...socket, mode: 0o666 }]],
] as const) {
  test(`where to listen with ${JSON.stringify(changes)}`, () => {
    assert.deepEqual(listenPlaces(makeConfig(changes, '/')), places)
  })
}

test('a Unix socket is not reachable from other machines, an address beside it may be', () => {
  const exposed = (changes: object) => findExposed(makeConfig(changes, '/'))

  assert.equal(exposed({ unixSocket: socket.path }), undefined)
  assert.equal(exposed({ unixSocket: socket.path, host: '0.0.0.0' }), '0.0.0.0')
  assert.equal(exposed({ host: 'localhost' }), undefined)
  assert.equal(exposed({ listen: [usual, { host: '*', port: 80 }] }), '*')
})

test('permissions are three octal digits', () => {
  for (const text of ['600', '0600', '0o600']) assert.equal(permissions.parse(text, '/'), 0o600)
  for (const text of ['', '6', '888', 'rw', '-600', '4755']) {
    assert.equal(permissions.parse(text, '/'), undefined, text)
  }
  assert.equal(permissions.print(0o60), '060')
})

test('a trusted proxy is an address, and its headers are known ones', () => {
  for (const text of ['127.0.0.1', '::1', '*', 'localhost']) {
    assert.equal(proxyAddress.parse(text, '/'), text)
  }
  assert.equal(proxyAddress.parse('proxy.example', '/'), undefined)
  for (const text of ['X-Forwarded-Host x-forwarded-proto', 'x-forwarded-host,x-forwarded-proto']) {
    assert.deepEqual(proxyHeaderList.parse(text, '/'), ['x-forwarded-host', 'x-forwarded-proto'])
  }
  for (const text of ['', 'x-real-ip', 'forwarded x-forwarded-for']) {
    assert.equal(proxyHeaderList.parse(text, '/'), undefined, text)
  }
  assert.deepEqual([count.parse('2', '/'), count.parse('0', '/')], [2, undefined])
})

test('no proxy is trusted unless its address is set; then its word on the scheme is', () => {
  const trusted = (changes: object) => trustedProxy(makeConfig(changes, '/'))

  assert.equal(trusted({ trustedProxyHeaders: ['forwarded'] }), undefined)
  assert.deepEqual(trusted({ trustedProxy: '*' }), {
    address: '*',
    count: 1,
    headers: ['x-forwarded-proto'],
  })
})

test('addresses to listen on are listed with their ports', () => {
  const text = 'localhost:80  *:8080 [::1]:3141'
  const listed = addressList.parse(text, '/')

  assert.deepEqual(listed, [
    { host: 'localhost', port: 80 },
    { host: '*', port: 8080 },
    { host: '::1', port: 3141 },
  ])
  assert.equal(addressList.print(listed!), 'localhost:80 *:8080 [::1]:3141')
  for (const wrong of [
    '',
    'localhost',
    '80',
    ':80',
    '::1:80',
    'localhost:http',
    'a:70000',
    'a:1,b:2',
  ]) {
    assert.equal(addressList.parse(wrong, '/'), undefined, wrong)
  }
})

test('--listen takes the place of --host and --port; --primary-url needs a secret', () => {
  const listen = [{ host: '127.0.0.1', port: 1 }]
  const found = (changes: object) => findContradictions(makeConfig({ listen, ...changes }, '/'))

  assert.deepEqual(found({ host: 'localhost' }), [])
  assert.match(found({ port: 8080 }).join(), /^--listen: takes the place of --host and --port/)
  assert.match(found({ primaryUrl: 'http://a' }).join(), /^--primary-url: needs --secret-file/)
  assert.equal(findExposed(makeConfig({ listen: [...listen, { host: '::', port: 2 }] }, '/')), '::')
})
