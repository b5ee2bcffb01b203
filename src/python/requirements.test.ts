/** Lists of requirements as pip, pip-compile, uv, poetry and pdm write them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRequirements, type Requirement } from './requirements.ts'

const hash = (digit: string): string => digit.repeat(64)

function parse(text: string): readonly Requirement[] {
  const parsed = parseRequirements(text)
  assert.ok(!('problem' in parsed))
  return parsed
}

const shown = (text: string) =>
  parse(text).map(({ name, specifiers, line }) => [name, specifiers.length, line])

test('comments, empty lines and options of who installs are passed over', () => {
  const text = `\uFEFF# made by hand
--index-url https://example.org/simple/
-i https://example.org/simple/
--require-hashes

requests==2.32.3  # via app
  # indented
Flask # the web
`
  assert.deepEqual(shown(text), [
    ['requests', 1, 6],
    ['Flask', 0, 8],
  ])
})

test('lines go on behind a backslash, with hashes', () => {
  const text = `foo==1.0 \\
    --hash=sha256:${hash('a')} \\
    --hash=sha256:${hash('B')}
    # via bar
bar==2.0 --hash sha256:${hash('c')} --hash=md5:${'0'.repeat(32)}
`
  const [foo, bar] = parse(text)
  assert.deepEqual([...(foo?.hashes ?? [])], [hash('a'), hash('b')])
  assert.deepEqual([...(bar?.hashes ?? [])], [hash('c')])
  assert.deepEqual([foo?.line, bar?.line], [1, 5])
})

test('extras, markers, spaces, brackets and line ends of any kind are read', () => {
  const text =
    'foo[a, b] == 1.0 ; python_version < "3.9"\r\n' +
    'bar (>=1,<2)\rbaz.qux>=1, !=1.5;sys_platform == "win32"\nA_b~=1.4'
  assert.deepEqual(shown(text), [
    ['foo', 1, 1],
    ['bar', 2, 2],
    ['baz.qux', 2, 3],
    ['A_b', 1, 4],
  ])
  assert.equal(parse('A_b').at(0)?.project, 'a-b')
})

for (const [text, line, problem] of [
  ['foo\n-r other.txt', 2, /option/],
  ['-e .', 1, /option/],
  ['--constraint c.txt', 1, /option/],
  ['foo @ https://example.org/foo.whl', 1, /address/],
  ['https://example.org/foo.whl', 1, /specifier|name/],
  ['./foo', 1, /name/],
  ['foo==', 1, /specifier/],
  ['foo=1.0', 1, /specifier/],
  ['foo bar', 1, /specifier/],
  ['\n\nfoo==1 \\\n  --config-settings=x', 3, /option/],
  [`foo==1 --hash=md5:${'0'.repeat(32)}`, 1, /SHA-256/],
  ['é==1', 1, /name/],
] as const) {
  test(`${JSON.stringify(text)} is refused, with its line`, () => {
    const parsed = parseRequirements(text)
    assert.ok('problem' in parsed)
    assert.equal(parsed.line, line)
    assert.match(parsed.problem, problem)
  })
}

test('hostile text costs no time and breaks nothing', () => {
  for (const text of [
    ' '.repeat(200_000),
    '\\\n'.repeat(1_000_000),
    `a${'-'.repeat(200_000)}`,
    `foo[${','.repeat(200_000)}`,
    `foo ${'--hash '.repeat(50_000)}`,
    `foo${' #'.repeat(100_000)}`,
    'foo(' + '('.repeat(100_000),
  ]) {
    parseRequirements(text)
  }
})
