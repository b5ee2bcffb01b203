/** What lock files name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atOnce } from '#python/steps'
import { readNamedReleases, type NamedReleases } from './named-releases.ts'

const hex = (digit: string): string => digit.repeat(64)

function read(text: string): NamedReleases {
  const named = atOnce(readNamedReleases(text))
  if (typeof named === 'string') throw new Error(named)
  return named
}

const file = (version: string, hashes: Record<string, string> = {}) => ({
  version,
  hashes,
  addedAt: 0,
})

const uvLock = `version = 1

[[package]]
name = "Foo"
version = "1.0"
source = { registry = "https://example.org/simple" }
wheels = [
  { url = "https://example.org/foo-1.0-py3-none-any.whl", hash = "sha256:${hex('a')}", size = 1 },
]

[[package]]
name = "foo"
version = "2.0"
source = { registry = "https://example.org/simple" }
sdist = { url = "https://example.org/foo-2.0.tar.gz", hash = "sha256:${hex('b')}" }

[[package]]
name = "app"
version = "0.1"
source = { editable = "." }
`

test('a uv.lock names versions of projects, each with the hashes of its files', () => {
  const named = read(uvLock)
  const check = named.get('foo')!
  assert.equal(check(file('1.0.0', { sha256: hex('a') })), undefined)
  assert.equal(check(file('2.0', { sha256: hex('b') })), undefined)
  assert.equal(check(file('2.0', { sha256: hex('c') })), 'constraints has other hashes')
  assert.equal(check(file('2.0', { md5: 'b' })), 'constraints has other hashes')
  assert.equal(check(file('3.0', { sha256: hex('a') })), 'constraints does not name 3.0')
  assert.match(named.get('app')?.(file('0.1')) ?? '', /from elsewhere than an index/)
  assert.equal(named.has('bar'), false)
})

test('a pylock.toml does so too, by any strong hash', () => {
  const named = read(`lock-version = "1.0"
created-by = "x"
[[packages]]
name = "foo"
version = "1.0"
[[packages.wheels]]
url = "https://example.org/foo-1.0-py3-none-any.whl"
hashes = { sha512 = "${'d'.repeat(128)}" }
`)
  const check = named.get('foo')!
  assert.equal(check(file('1.0', { sha512: 'd'.repeat(128) })), undefined)
  assert.equal(check(file('1.0', { sha256: hex('d') })), 'constraints has other hashes')
})

test('what is here is known by its digest, whatever upstream lists', () => {
  const check = read(`foo==1 --hash=sha256:${hex('a')}`).get('foo')!
  assert.equal(check({ ...file('1', { sha256: hex('b') }), digest: hex('a') }), undefined)
  assert.match(
    check({ ...file('1', { sha256: hex('a') }), digest: hex('b') }) ?? '',
    /other hashes/,
  )
  assert.match(check(file('1')) ?? '', /other hashes/)
})

test('where installers would look is said to them, and names nothing', () => {
  const named = read(`-i https://a.example/simple
--index-url=https://a.example/simple
--extra-index-url https://b.example/simple
--find-links ./wheels
-f ./wheels
--no-index
--trusted-host a.example
--require-hashes
--only-binary :all:
--no-binary=foo
--prefer-binary
foo==1
`)
  assert.deepEqual([...named.keys()], ['foo'])
})

for (const [text, problem] of [
  ['foo==1\n-e .', /^line 2: /],
  ['', /^line 1: it names no release/],
  [' \n# foo==1\n\n', /^line 1: it names no release/],
  ['--index-url https://example.org/simple', /^line 1: it names no release/],
  ['version = 1\n[[package]]\nname = "x"\nversion = ', /^line 4: /],
  ['version = 7\n[[package]]\nname = "x"\n', /^line 1: a uv\.lock of version 7/],
  ['lock-version = "1.0"\n', /^line 1: it names no package/],
  [
    'lock-version = "1.0"\n[[packages]]\nname = "x"\nversion="1"\nsdist={name="x-1.tar.gz", hashes={}}',
    /^line 5: /,
  ],
] as const) {
  test(`a mistake is told with its line: ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.throws(() => read(text), { message: problem })
  })
}

test('a text that would keep everybody waiting is refused by its line', () => {
  const lock = 'version = 1\n[[package]]\nname = "x"\n'
  const texts: readonly (readonly [string, RegExp])[] = [
    ['\r'.repeat(200_000), /^line 100000: more lines/],
    ['p==1\n'.repeat(30_000), /^line 20001: it names more than 20000 releases/],
    [lock + '[[package]]\n'.repeat(30_000), /^line 20003: it names more than/],
    [`${lock}a${'.a'.repeat(100_000)} = 1`, /^line 4: a name has too many parts/],
  ]
  for (const [text, message] of texts) assert.throws(() => read(text), { message })
})

test('a lock file of two million characters is read once, and then at hand', () => {
  const entry = (number: number): string => `
[[package]]
name = "package-${number}"
version = "1.${number}"
source = { registry = "https://example.org/simple" }
wheels = [
${Array.from({ length: 40 }, (_, wheel) => `  { url = "https://example.org/package_${number}-1.${number}-cp3${wheel}-cp3${wheel}-manylinux_2_17_x86_64.whl", hash = "sha256:${hex('a')}", size = 1234 },`).join('\n')}
]
`
  const text = `version = 1\n${Array.from({ length: 400 }, (_, number) => entry(number)).join('')}`
  assert.ok(text.length > 2_000_000)
  const steps = readNamedReleases(text)
  let count = 0
  while (steps.next().done !== true) count++
  assert.ok(count > 10_000, `others could have had ${count} turns`)
  const named = read(`${text}`)
  assert.equal(named.size, 400)
  assert.equal(read(`${text}`), named)
})
