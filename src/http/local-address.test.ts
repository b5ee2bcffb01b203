import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findLocalPath } from './local-address.ts'

const root = 'https://yard.example.org:8443/packages'

test('a path, or a whole address of this host, may be gone to', () => {
  const addresses = {
    '/packages/ada/dev?x=1#top': '/packages/ada/dev?x=1#top',
    'https://yard.example.org:8443/a/b?c': '/a/b?c',
    'http://yard.example.org:8443/a': '/a', // a proxy that ends TLS need not have told us
    '/a/../b': '/b',
    '/+search?query=%2F%2Fevil': '/+search?query=%2F%2Fevil',
  }

  for (const [text, path] of Object.entries(addresses)) {
    assert.equal(findLocalPath(text, root), path, text)
  }
})

const others = [
  '',
  'ada/dev',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r\nSet-Cookie: a=b',
  '\0/a',
  '/a\u0085b',
  '/.//evil.example',
  '/a/..//evil.example',
  '/%2e//evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:///evil.example/',
  'https://evil.example/',
  'https://yard.example.org/',
  'https://yard.example.org:8443@evil.example/',
  'https://user@yard.example.org:8443/',
  'https://yard.example.org.evil.example:8443/',
  'ftp://yard.example.org:8443/',
  'javascript:alert(1)',
  'data:text/html,x',
  ` https://evil.example/`,
  `/${'a'.repeat(5000)}`,
]
for (const text of others) {
  test(`nobody is sent to ${JSON.stringify(text.slice(0, 50))}`, () => {
    assert.equal(findLocalPath(text, root), undefined)
  })
}
