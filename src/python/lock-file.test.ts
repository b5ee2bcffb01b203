import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLockFile, UnreadableLock, type LockFile } from './lock-file.ts'

const hash = 'a'.repeat(64)
const other = 'b'.repeat(64)

const uvLock = `version = 1
revision = 3

[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "anchor", source = { registry = "http://127.0.0.1/simple/" } },
]

[package.metadata]
requires-dist = [{ name = "anchor", index = "http://127.0.0.1/simple/" }]

[[package]]
name = "anchor"
version = "1.0"
source = { registry = "http://127.0.0.1/simple/" } # "http://127.0.0.1/simple/"
sdist = { url = "http://127.0.0.1/f/anchor-1.0.tar.gz", hash = "sha256:${other}", size = 7 }
wheels = [
    { url = 'http://127.0.0.1/f/anchor-1.0-py3-none-any.whl', hash = "sha256:${hash}" },
]
`

const pylock = `lock-version = "1.0"
created-by = "someone"
[[packages]]
name = "anchor"
version = "1.0"
marker = "python_version > '3'"
index = "http://127.0.0.1/simple/"
wheels = [{ name = "anchor-1.0-py3-none-any.whl", url = "http://127.0.0.1/f/x", hashes = { sha256 = "${hash}" } }]
[[packages]]
name = "mast"
[packages.vcs]
type = "git"
url = "http://127.0.0.1/mast.git"
commit-id = "1"
`

const requirements = `# pinned
--index-url http://127.0.0.1/simple/
-r other.txt
anchor==1.0 ; python_version > '3' \\
    --hash=sha256:${hash} \\
    --hash=sha256:${other}  # two
mast @ http://127.0.0.1/f/mast-2.0.tar.gz#sha256=${hash}
keel @ git+https://127.0.0.1/keel
`

/** What stands at each address, which must be the address itself. */
const standing = (text: string, { addresses }: LockFile): string[] =>
  addresses.map(({ start, end, url, kind, project = '', line }) => {
    assert.equal(text.slice(start, end), url)
    return `${line} ${kind} ${project}`
  })

test('of a uv.lock the packages with their files and hashes are known, and where each address stands', () => {
  const lock = readLockFile('uv.lock', uvLock)

  const [app, anchor] = lock.packages
  const needs = [{ name: 'anchor', version: undefined, marker: undefined }]
  assert.deepEqual(app, { name: 'app', version: '0.1.0', isRoot: true, needs, files: [], line: 4 })
  assert.equal(anchor?.index, 'http://127.0.0.1/simple/')
  assert.deepEqual(anchor.files, [
    {
      project: 'anchor',
      version: '1.0',
      filename: 'anchor-1.0.tar.gz',
      url: 'http://127.0.0.1/f/anchor-1.0.tar.gz',
      hashes: { sha256: other },
      size: 7,
      line: 19,
    },
    {
      project: 'anchor',
      version: '1.0',
      filename: 'anchor-1.0-py3-none-any.whl',
      url: 'http://127.0.0.1/f/anchor-1.0-py3-none-any.whl',
      hashes: { sha256: hash },
      size: undefined,
      line: 21,
    },
  ])
  assert.deepEqual(standing(uvLock, lock), [
    '9 index anchor',
    '13 index anchor',
    '18 index anchor',
    '19 file anchor',
    '21 file anchor',
  ])
})

test('of a pylock.toml too, and what comes from a repository has no files', () => {
  const lock = readLockFile('pylock.dev.toml', pylock)

  assert.deepEqual(
    lock.packages.map(({ name, marker, files }) => [name, marker, files.map((f) => f.filename)]),
    [
      ['anchor', "python_version > '3'", ['anchor-1.0-py3-none-any.whl']],
      ['mast', undefined, []],
    ],
  )
  assert.deepEqual(standing(pylock, lock), ['7 index anchor', '8 file anchor'])
})

test('of a requirements file each hash is a file, and a hash in an address counts', () => {
  for (const text of [requirements, requirements.replaceAll('\n', '\r\n')]) {
    const lock = readLockFile('requirements.txt', text)

    assert.deepEqual(
      lock.packages.map(({ name, version, line, files }) => [
        name,
        version,
        line,
        files.map((f) => f.hashes['sha256']),
      ]),
      [
        ['anchor', '1.0', 4, [hash, other]],
        ['mast', undefined, 7, [hash]],
        ['keel', undefined, 8, []],
      ],
    )
    assert.deepEqual(lock.includes, ['other.txt'])
    assert.deepEqual(standing(text, lock), ['2 index ', '7 file mast'])
  }
})

const refused: Readonly<Record<string, readonly [string, string, number, RegExp]>> = {
  'a uv.lock of another version': ['uv.lock', 'version = 2\n', 1, /version 2 is not known/],
  'a pylock.toml of another version': ['pylock.toml', 'lock-version = "2.0"', 1, /"2.0" is not/],
  'a key that stands twice': ['uv.lock', 'version = 1\nversion = 1\n', 2, /it is no TOML/],
  'a name that leads elsewhere': [
    'uv.lock',
    uvLock.replace('/f/anchor-1.0.tar.gz', '/f/..%2f..%2fetc'),
    19,
    /no name of a file/,
  ],
  'a file without a hash': [
    'uv.lock',
    uvLock.replace(`, hash = "sha256:${hash}"`, ''),
    21,
    /has no hash/,
  ],
  'a hash that is none': ['uv.lock', uvLock.replace(hash, 'a'), 21, /is no hash/],
  'packages that are not written as tables': [
    'uv.lock',
    'version = 1\npackage = [{ name = "a" }]',
    1,
    /not written as \[\[package\]\]/,
  ],
  'a requirement without a pin': ['r.txt', '\nanchor>=1\n', 2, /"anchor" is not pinned/],
  'a pin without a hash': ['r.txt', 'anchor==1.0\n', 1, /has no --hash/],
  'what is no requirement': ['r.txt', '!\n', 1, /is no requirement/],
}

for (const [what, [name, text, line, problem]] of Object.entries(refused)) {
  test(`${what} is refused by its line`, () => {
    assert.throws(
      () => readLockFile(name, text),
      (error) =>
        error instanceof UnreadableLock && error.line === line && problem.test(error.problem),
    )
  })
}

test('a lock of 100,000 files is read whole', () => {
  const files = Array.from(
    { length: 100_000 },
    (_, at) => `  { url = "http://127.0.0.1/f/anchor-${at}.whl", hash = "sha256:${hash}" },\n`,
  ).join('')
  const text = uvLock.replace('wheels = [\n', `wheels = [\n${files}`)

  const { addresses } = readLockFile('uv.lock', text)

  assert.equal(addresses.length, 100_005)
})

test('strings of every kind are told from comments, tables and addresses, however long they are', () => {
  const odd = [
    `a = "\\"#\\\\"`,
    `b = """\n[[package]]\n\\""" "#" """""`,
    `c = '''"""\n[[package]]'''''`,
    `d = '"#\\'`,
    `e = "${'\\"'.repeat(1_000_000)}"`,
  ].join('\n')
  const text = uvLock.replace('revision = 3', odd)

  const lock = readLockFile('uv.lock', text)

  assert.equal(lock.packages.length, 2)
  assert.deepEqual(standing(text, lock), [
    '16 index anchor',
    '20 index anchor',
    '25 index anchor',
    '26 file anchor',
    '28 file anchor',
  ])
})
