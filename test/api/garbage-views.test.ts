/** Whatever is asked for in a view or sent as a search: never a failure of ours, never a change. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { startApi } from '../support/api.ts'
import { addFile } from '../support/domain.ts'
import { fuzzRuns } from '../support/fuzz.ts'

const word = fc.oneof(
  fc.constantFrom('anchor', 'An.Chor', '1.0', '1.0.0', '+own', '-', '..', 'json', 'constructor'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
)
const path = fc
  .tuple(
    fc.constantFrom('ada/dev', 'ada/nope', 'ada/up', '__proto__/x'),
    fc.oneof(
      fc.tuple(fc.constantFrom('+simple', '+own', '+stages'), word),
      fc.tuple(fc.constant('pypi'), word, fc.constant('json')),
      fc.tuple(fc.constant('pypi'), word, word, fc.constant('json')),
      fc.tuple(word),
    ),
    fc.constantFrom('', '/', '?format=text/html', '/?format=%00'),
  )
  .map(
    ([index, parts, end]) =>
      `/${index}/${parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/')}${end}`,
  )
const header = fc.oneof(
  fc.constantFrom(
    '',
    'pip/26.0',
    'uv/',
    'text/html',
    '*/*;q=2',
    'application/vnd.pypi.simple.v1+json',
  ),
  fc.string({ unit: fc.constantFrom(...'abcz/+;=,* 019.'.split('')), maxLength: 30 }),
)
const xml = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<methodCall><methodName>search</methodName><params>',
        '<param><value>',
        '<struct><member><name>name</name><value>',
        '</value></member></struct>',
        '</value></param>',
        '</params></methodCall>',
        '<array><data>',
        '<int>9</int>',
      ),
      fc.string({ maxLength: 10 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''))

test('garbage in the address, in headers or in a search is answered, and changes nothing', async () => {
  await using api = await startApi({ indexes: ['ada/dev'] })
  await api.makeIndex('ada/up', { type: 'mirror', mirror_url: 'http://127.0.0.1:9/simple/' })
  await addFile(api.ledger, 'ada/dev', 'anchor-1.0.tar.gz')
  const { serial } = api

  await fc.assert(
    fc.asyncProperty(path, header, header, async (address, accept, agent) => {
      const headers = { accept, 'user-agent': agent }
      const { status, text } = await api.get(address, { accept: '', headers })
      assert.ok(status < 500 || (status === 502 && address.includes('up')), `${status} ${text}`)
    }),
    fuzzRuns(300),
  )
  await fc.assert(
    fc.asyncProperty(xml, async (body) => {
      const headers = { 'content-type': 'text/xml' }
      const { status, text } = await api.post('/ada/dev', { accept: '*/*', headers, body })
      assert.equal(status, 200)
      assert.match(text, /<methodResponse>/)
    }),
    fuzzRuns(200),
  )
  assert.equal(api.serial, serial)
})
