import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsedWrongly } from '#base/used-wrongly'
import { readConfig } from './config.ts'

const read = (docs: string, outside?: string, env: Readonly<Record<string, string>> = {}) => {
  const urls = [
    { name: 'docs-url', value: docs },
    ...(outside === undefined ? [] : [{ name: 'outside-url', value: outside }]),
  ]
  return readConfig({ flags: urls, env, cwd: '/start' })
}

test('documentation gets an address with a host name of its own', async () => {
  const { config, notes } = await read('https://docs.example.net/', 'https://yard.example.org')

  assert.equal(config.docsUrl, 'https://docs.example.net')
  assert.deepEqual(notes, [])
  const { config: fromEnvironment } = await readConfig({
    flags: [],
    env: {
      WHEELYARD_DOCS_URL: 'http://localhost:3141',
      WHEELYARD_OUTSIDE_URL: 'http://127.0.0.1:3141',
    },
    cwd: '/start',
  })
  assert.equal(fromEnvironment.docsUrl, 'http://localhost:3141')
})

const refused: [docs: string, outside: string | undefined, reason: RegExp][] = [
  [
    'docs.example.org',
    'http://yard.example',
    /'docs\.example\.org' is not an address such as https:/,
  ],
  ['ftp://docs.example', 'http://yard.example', /'ftp:\/\/docs\.example' is not an address/],
  ['http://docs.example/?x', 'http://yard.example', /is not an address .* without \? and #/],
  ['http://docs.example', undefined, /needs --outside-url beside it/],
  ['http://yard.example', 'http://yard.example', /yard\.example is the host of --outside-url too/],
  ['http://Yard.example:81/x', 'http://yard.example/y', /is the host of --outside-url too/],
  ['http://yard.example.', 'http://yard.example', /is the host of --outside-url too/],
  ['http://docs.example', 'https://yard.example', /must begin with https:\/\//],
]
for (const [docs, outside, reason] of refused) {
  test(`${docs} is no address for documentation beside ${outside ?? 'none'}`, async () => {
    await assert.rejects(read(docs, outside), (error) => {
      assert.ok(error instanceof UsedWrongly)
      assert.match(error.mistakes.join('\n'), reason)
      return error.mistakes.length === 1
    })
  })
}

test('where only those may read who are logged in, no host shows documentation to everybody', async () => {
  const env = { WHEELYARD_AUTHCHECK_LOGIN: 'yes' }

  await assert.rejects(read('http://docs.example', 'http://yard.example', env), UsedWrongly)
})

test('a host whose scripts can set cookies for the server is told of', async () => {
  const near = 'http://docs.example.org'
  const told = await Promise.all([
    read(near, 'http://yard.example.org'),
    read(near, 'http://example.org'),
    read('https://docs.example.org', 'https://yard.example.org/below'),
  ])
  const fine = await Promise.all([
    read('https://docs.example.org', 'https://yard.example.org'),
    read(near, 'http://yard.example.net'),
    read('http://localhost:3141', 'http://127.0.0.1:3141'),
    read('http://10.0.0.2', 'http://10.1.0.2'),
  ])

  for (const { notes } of told) assert.match(notes.join('\n'), /cookies for all of example\.org/)
  for (const { notes } of fine) assert.deepEqual(notes, [])
})
