import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseNamesHtml, parseNamesJson, sniffNames } from './simple-names.ts'
import { printNames, printSections } from './names-page.ts'
import { UnreadablePage } from './simple-page.ts'

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect(batches: AsyncIterable<string[]>): Promise<string[]> {
  return (await Array.fromAsync(batches)).flat()
}

const printed = async (format: 'json' | 'html', names: string[]): Promise<string> =>
  (await Array.fromAsync(printNames({ format, title: 'Names' }, [names]))).join('')

const fromJson = (text: string, size = 7) => collect(parseNamesJson(pieces(text, size)))
const fromHtml = (text: string, size = 7) => collect(parseNamesHtml(pieces(text, size)))

const some = ['a', 'foo-bar', 'zope-interface']

for (const size of [1, 2, 3, 10, 1000]) {
  test(`what was printed is read back in pieces of ${size} bytes`, async () => {
    assert.deepEqual(await fromJson(await printed('json', some), size), some)
    assert.deepEqual(await fromHtml(await printed('html', some), size), some)
  })
}

test('the JSON list is that of the standard', async () => {
  assert.deepEqual(JSON.parse(await printed('json', some)), {
    meta: { 'api-version': '1.4' },
    projects: [{ name: 'a' }, { name: 'foo-bar' }, { name: 'zope-interface' }],
  })
  assert.deepEqual(JSON.parse(await printed('json', [])).projects, [])
})

test('in the HTML list both text and relative address are the name', async () => {
  assert.match(await printed('html', some), /^<a href="foo-bar\/">foo-bar<\/a><br>$/m)
})

test('batches are printed one by one, as one list', async () => {
  const batches = [['a'], [], ['b', 'c']]

  const pieces = await Array.fromAsync(printNames({ format: 'json', title: 'Names' }, batches))

  assert.equal(pieces.length, 4)
  assert.deepEqual(await fromJson(pieces.join('')), ['a', 'b', 'c'])
})

test('names are found in any order of keys, at the right place only', async () => {
  const text = JSON.stringify({
    name: 'no',
    files: [{ name: 'no' }],
    projects: [
      {
        _id: 7,
        other: { name: 'no', deep: [{ name: 'no' }] },
        name: 'Yes.1',
        more: ['name', 'no'],
      },
      { name: 'first', a: null, b: true, c: -1.5e3 },
      { name: ['no'] },
      { name: 7 },
      { noname: 'no' },
      {},
      'no',
      ['name', 'no'],
      { name: 'last' },
    ],
    more: { projects: [{ name: 'no' }] },
    meta: { 'api-version': '1.1', name: 'no' },
  })

  assert.deepEqual(await fromJson(text, 1), ['Yes.1', 'first', 'last'])
  assert.deepEqual(await fromJson(JSON.stringify(JSON.parse(text), null, 2)), [
    'Yes.1',
    'first',
    'last',
  ])
})

test('escapes in names and keys are undone, wherever the text is cut', async () => {
  const text =
    '{"pro\\u006aects": [{"n\\u0061me": "f\\u006fo", "x": "\\"}, {\\"name\\": \\"no\\\\"}]}'

  assert.deepEqual(await fromJson(text, 1), ['foo'])
})

test('what is no name is left out', async () => {
  const projects = ['', '-x', 'a b', '../x', 'é', 'x'.repeat(5000), 'ok'].map((name) => ({ name }))

  assert.deepEqual(await fromJson(JSON.stringify({ projects })), ['ok'])
})

const unreadable: [what: string, text: string][] = [
  ['nothing', ''],
  ['HTML', '<a href="foo/">foo</a>'],
  ['a list that ends early', '{"projects": [{"name": "a"}'],
  ['an array', '[{"name": "a"}]'],
  ['a page without projects', '{"meta": {}, "files": []}'],
  ['crossed brackets', '{"projects": [}]'],
  ['a later version', '{"projects": [], "meta": {"api-version": "2.0"}}'],
  ['endless nesting', `{"x": ${'['.repeat(100_000)}`],
]
for (const [what, text] of unreadable) {
  test(`${what} is not taken for a list of names`, async () => {
    await assert.rejects(fromJson(text, 1000), UnreadablePage)
  })
}

const anchors: [html: string, names: string[]][] = [
  ['<a href="/simple/foo/">\n  Foo.Bar </a>', ['Foo.Bar']],
  ['<a href="foo/">foo/</a>', ['foo']],
  ['<a href="a-very-long-name/?x#y">a-very-lo..></a>', ['a-very-long-name']],
  ['<a href="f%6Fo"><b>see</b> here</a>', ['foo']],
  ['<a href="foo">f&#111;o</a>', ['foo']],
  ['<a>foo</a>', ['foo']],
  ['<a href="../">Parent directory</a>', []],
  ['<template><a href="foo/">foo</a></template>', []],
  ['<a href="a">a<a href="b">b', ['a', 'b']],
]
for (const [html, names] of anchors) {
  test(`${JSON.stringify(html)} lists ${names.join(', ') || 'nothing'}`, async () => {
    assert.deepEqual(await fromHtml(html), names)
  })
}

test('an HTML list of a later version is refused', async () => {
  const head = '<meta name="pypi:repository-version" content="2.0">'

  await assert.rejects(fromHtml(`${head}<a href="foo/">foo</a>`), UnreadablePage)
})

test('text comes as strings or bytes, and a character may be cut in two', async () => {
  async function* strings() {
    yield '{"x": "é", "projects": [{"na'
    yield 'me": "foo"}]}'
  }

  assert.deepEqual(await collect(parseNamesJson(strings())), ['foo'])
  assert.deepEqual(await fromJson('{"x": "é☃😀", "projects": [{"name": "foo"}]}', 1), ['foo'])
})

test('whoever stops early closes the source', async () => {
  let isClosed = false
  async function* source() {
    try {
      for (;;) yield '<a href="foo/">foo</a>'
    } finally {
      isClosed = true
    }
  }

  for await (const [name] of parseNamesHtml(source())) {
    assert.equal(name, 'foo')
    break
  }

  assert.equal(isClosed, true)
})

test('JSON is known by its type or its first character', () => {
  assert.equal(sniffNames('', 'application/vnd.pypi.simple.v1+json'), 'json')
  assert.equal(sniffNames(' \n{"meta"', 'text/html'), 'json')
  assert.equal(sniffNames(Buffer.from('\ufeff{"meta"'), undefined), 'json')
  assert.equal(sniffNames('<!DOCTYPE html>', 'text/html; charset=UTF-8'), 'html')
  assert.equal(sniffNames(Buffer.from('<a'), undefined), 'html')
})

test('in sections, each has its heading, and the names are read back as one list', async () => {
  const sections = [
    { heading: 'a <b>', batches: [['a'], ['b']] },
    { heading: 'c', batches: [] },
  ]

  const text = (await Array.fromAsync(printSections('Names', sections))).join('')

  assert.match(text, /<h2>a &lt;b&gt;<\/h2>\n<a href="a\/">a<\/a><br>\n<a href="b\/">/)
  assert.match(text, /<h2>c<\/h2>\n<\/body>/)
  assert.deepEqual(await fromHtml(text), ['a', 'b'])
})

test('links may lead from another address to that of the projects', async () => {
  const page = { format: 'html', title: 'Names', prefix: 'a&b/' } as const

  const text = (await Array.fromAsync(printNames(page, [['foo']]))).join('')

  assert.match(text, /<a href="a&amp;b\/foo\/">foo<\/a>/)
})

test('a list of more than a million names is read whole', async () => {
  function* pieces(): Iterable<string> {
    for (let at = 0; at < 120; at += 1) yield '<a href="name/">name</a><br>\n'.repeat(10_000)
  }
  let count = 0
  for await (const names of parseNamesHtml(asyncOf(pieces()))) count += names.length
  assert.equal(count, 1_200_000)
})

async function* asyncOf(pieces: Iterable<string>): AsyncGenerator<string> {
  yield* pieces
}
