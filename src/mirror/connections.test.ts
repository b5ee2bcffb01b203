/** Where an upstream may lead: nobody outside sends this server to what lies inside. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from './address.ts'
import { Connections } from './connections.ts'

const settings = { connectTimeoutMs: 1000, stallTimeoutMs: 1000 }
const outside = parseAddress('https://203.0.113.7/simple/')
const inside = parseAddress('http://10.1.2.3/simple/')

const inner = [
  'http://127.0.0.1/x',
  'http://127.1/x',
  'http://10.0.0.1/x',
  'http://172.16.0.1/x',
  'http://192.168.1.1/x',
  'http://[::1]/x',
  'http://[fd12::1]/x',
  'http://[::ffff:127.0.0.1]/x',
  'http://0.0.0.0/x',
  'http://[64:ff9b::127.0.0.1]/x',
  'http://[::127.0.0.1]/x',
  'http://[fec0::1]/x',
]
const metadata = 'http://169.254.169.254/latest/'

for (const url of [...inner, metadata]) {
  test(`an upstream outside does not lead to ${url}`, async () => {
    const connections = new Connections(settings)
    await assert.rejects(connections.for(url, outside), {
      name: 'Error',
      code: /nothing is sent to/,
    })
    await connections.destroy()
  })
}

for (const url of ['https://203.0.113.7/file', 'https://198.51.100.1/file']) {
  test(`an upstream outside leads to ${url}`, async () => {
    const connections = new Connections(settings)
    assert.ok(await connections.for(url, outside))
    await connections.destroy()
  })
}

test('an upstream inside leads anywhere but to the metadata of clouds', async () => {
  const connections = new Connections(settings)
  for (const url of inner) assert.ok(await connections.for(url, inside))
  await assert.rejects(connections.for(metadata, inside))
  await connections.destroy()
})

test('a name that leads inside is refused when it is connected to', async () => {
  const connections = new Connections(settings)
  const dispatcher = await connections.for('http://localhost:9/x', outside)
  const { request } = await import('undici')
  await assert.rejects(request('http://localhost:9/x', { dispatcher }), {
    code: /nothing is sent to/,
  })
  await connections.destroy()
})

test('an upstream outside leads to the private hosts that its mirror names, and to no others', async () => {
  const connections = new Connections(settings)
  const naming = { ...outside, privateHosts: ['10.0.0.1', 'localhost:8080', '169.254.169.254'] }
  for (const url of ['http://10.0.0.1/x', 'https://10.0.0.1:8443/x', 'http://localhost:8080/x']) {
    assert.ok(await connections.for(url, naming))
  }
  await assert.rejects(connections.for('http://10.0.0.2/x', naming))
  await assert.rejects(connections.for(metadata, naming))
  const { request } = await import('undici')
  for (const [url, reason] of [
    ['http://localhost:8080/x', 'ECONNREFUSED'],
    ['http://localhost:9/x', 'it is at an address that nothing is sent to'],
  ] as const) {
    const dispatcher = await connections.for(url, naming)
    await assert.rejects(request(url, { dispatcher }), { code: reason })
  }
  await connections.destroy()
})
