import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOfOtherSite, readCredentials } from './credentials.ts'

const encode = (text: string, encoding: BufferEncoding = 'utf8'): string =>
  Buffer.from(text, encoding).toString('base64')
const ada = { user: 'ada', secret: 'pw:1' }

test('a request without credentials has none', () => {
  assert.equal(readCredentials({}), undefined)
})

test('Basic gives user and secret, split at the first colon', () => {
  assert.deepEqual(readCredentials({ authorization: `Basic ${encode('ada:pw:1')}` }), ada)
})

test('the scheme may be in any case, with any space around the token', () => {
  assert.deepEqual(readCredentials({ authorization: ` bAsIc  ${encode('ada:pw:1')}  ` }), ada)
})

test("devpi's own header needs no scheme and goes first", () => {
  const headers = { 'x-devpi-auth': encode('ada:pw:1'), authorization: `Basic ${encode('bob:x')}` }

  assert.deepEqual(readCredentials(headers), ada)
})

test("when devpi's header is malformed, the next one is read", () => {
  const headers = { 'x-devpi-auth': 'not base64!', authorization: `Basic ${encode('ada:pw:1')}` }

  assert.deepEqual(readCredentials(headers), ada)
})

test('a text that is not UTF-8 is read as Latin-1', () => {
  const authorization = `Basic ${encode('ada:caf\xe9', 'latin1')}`

  assert.deepEqual(readCredentials({ authorization }), { user: 'ada', secret: 'café' })
  assert.deepEqual(readCredentials({ authorization: `Basic ${encode('ada:café')}` }), {
    user: 'ada',
    secret: 'café',
  })
})

test('user and secret may be empty', () => {
  assert.deepEqual(readCredentials({ authorization: `Basic ${encode(':')}` }), {
    user: '',
    secret: '',
  })
})

test('a bearer token comes without a user', () => {
  assert.deepEqual(readCredentials({ authorization: 'Bearer  abc.def ' }), {
    user: undefined,
    secret: 'abc.def',
  })
})

const malformed = [
  '',
  'Basic',
  'Basic ',
  'Basic !!!!',
  `Basic ${encode('nocolon')}`,
  'Basic YWRh=',
  'Bearer ',
  'Digest x="y"',
]
for (const authorization of malformed) {
  test(`'${authorization}' counts as no credentials`, () => {
    assert.equal(readCredentials({ authorization }), undefined)
  })
}

test('what a browser sends for a page of another site is known by its origin', () => {
  const ask = { method: 'POST', root: 'https://yard.example.org/packages' }
  for (const origin of ['null', 'https://evil.example.org', 'https://yard.example.org:8443', '']) {
    assert.equal(isOfOtherSite({ ...ask, headers: { origin } }), true, origin)
    assert.equal(isOfOtherSite({ ...ask, method: 'GET', headers: { origin } }), false)
  }
  for (const origin of ['https://yard.example.org', 'http://yard.example.org', undefined]) {
    assert.equal(isOfOtherSite({ ...ask, headers: origin === undefined ? {} : { origin } }), false)
  }
})
