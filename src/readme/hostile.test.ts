import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLog } from '#base/log'
import { Readmes } from './readme.ts'

const patience = { waitMilliseconds: 120_000 }
const log = createLog({ level: 'silent' })
// Less than in use, so that the tests cost less too.
const readmes = new Readmes({ log, limits: { ...patience, milliseconds: 400 } })
after(() => readmes.close())

const fill = (text: string, length = 900_000): string => text.repeat(length / text.length)
const lines = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n')

const hostile: Readonly<Record<string, string>> = {
  'a line of 10 MB': 'a'.repeat(10_000_000),
  'a line of a million characters': 'a'.repeat(1_000_000),
  'lists 10,000 deep in one line': '- '.repeat(10_000) + 'a',
  'lists as deep as indentation goes': lines(1300, (at) => ' '.repeat(at) + '- a'),
  'quotations 10,000 deep': '>'.repeat(10_000) + 'a',
  'lists in quotations': fill('> - '),
  'open brackets': fill('['),
  'open images': fill('!['),
  'open links': fill('[a]('),
  'links in links': '['.repeat(50_000) + 'a' + '](b)'.repeat(50_000),
  'emphasis that never closes': fill('*a **a '),
  'emphasis of all kinds': fill('*_~~a'),
  'runs of backquotes': lines(1300, (at) => '`'.repeat(at) + 'a'),
  'open tags': fill('<a '),
  'open comments': fill('<!-- -'),
  'open CDATA': fill('<![CDATA['),
  'a tag of 900,000 characters': `<p title="${fill('x')}">`,
  'a hundred thousand attributes': `<p ${lines(100_000, (at) => `a${at}=b`)}>`,
  'elements 180,000 deep': fill('<div>'),
  'elements that were never opened': fill('<b>', 400_000) + fill('</i>', 400_000),
  'tables in tables': fill('<table><tr><td>'),
  'links nested as HTML': fill('<a href=https://a.example>'),
  'a reference that grows a thousandfold': `[a]: http://a.example/${'x'.repeat(400_000)}\n\n${'[a]'.repeat(150_000)}`,
  'a table that grows a thousandfold': `|${'a|'.repeat(90_000)}\n|${'-|'.repeat(90_000)}\n${'|\n'.repeat(90_000)}`,
  'footnotes of footnotes': `a[^0]\n\n${lines(30_000, (at) => `[^${at}]: a [^${at + 1}]\n`)}`,
  'footnotes in footnotes': fill('[^a]: '),
  'headings of one name': fill('# a\n'),
  'underlines of headings': fill('a\n=\n'),
  'schemes of links': fill('http://'),
  'almost a mail address': `${fill('a.')}@`,
  ampersands: fill('&'),
  'a number of 900,000 digits': `&#${fill('1')};`,
  'code that opens strings':
    '```python\n' + 'f"{'.repeat(6000) + '\n```\n' + '```js\n' + '`${'.repeat(6000),
  'code in many blocks': ('```cpp\n' + 'a<'.repeat(9000) + '\n```\n').repeat(40),
  'half characters': fill('\ud800'),
}

for (const [name, text] of Object.entries(hostile)) {
  test(`hostile: ${name}: rendered or shown plain, and the next one is rendered`, async () => {
    const [readme, next] = await Promise.all([
      readmes.render({ text, contentType: 'text/markdown' }),
      readmes.render({ text: `# after *${name}*`, contentType: 'text/markdown' }),
    ])

    if (readme.kind === 'plain') assert.match(readme.note ?? '', /^Shown as plain text: /)
    assert.ok(readme.html.length <= 4_000_000)
    assert.match(next.html, /^<h1 id="[^"]+">after <em>/)
  })
}

const hostileRst: Readonly<Record<string, string>> = {
  'a line of 900,000 characters': fill('a'),
  'lists 10,000 deep': '- '.repeat(10_000) + 'a',
  'lists as deep as indentation goes': lines(1300, (at) => `${' '.repeat(at)}- a\n`),
  'quotations as deep as indentation goes': lines(1300, (at) => `${' '.repeat(at)}a\n`),
  'emphasis that never closes': fill('*a **a '),
  backquotes: fill('`'),
  'references that never close': fill('`a <'),
  underscores: fill('a_ '),
  'stars and bars': fill('|*'),
  'substitutions that grow':
    lines(40, (at) => `.. |${at}| replace:: |${at + 1}| |${at + 1}|\n`) + '\n|0|',
  'substitutions in a circle': '.. |a| replace:: |b|\n.. |b| replace:: |a|\n\n|a|',
  'a table of many columns': `${'= '.repeat(100_000)}\n${'a '.repeat(100_000)}\n${'= '.repeat(100_000)}`,
  'a grid of many cells': lines(
    600,
    (at) => (at % 2 ? '|a' : '+-').repeat(600) + (at % 2 ? '|' : '+'),
  ),
  'half a grid': fill('+-'),
  'underlines of sections': fill('a\n=\n'),
  'sections of one name': fill('a\n=\n\n'),
  targets: fill('.. _a: b\n'),
  'anonymous references': fill('a__ '),
  footnotes: fill('[#]_ '),
  'directives in directives': lines(1000, (at) => `${'   '.repeat(at % 300)}.. note::\n`),
  'many directives': fill('.. note:: a\n\n'),
  options: '.. image:: a\n' + fill('   :b: c\n'),
  fields: fill(':a: b\n'),
  addresses: fill('http://a@'),
  backslashes: fill('\\'),
  quotes: fill(`"'`),
}

for (const [name, text] of Object.entries(hostileRst)) {
  test(`hostile reStructuredText: ${name}: rendered or shown plain, and the next one is rendered`, async () => {
    const [readme, next] = await Promise.all([
      readmes.render({ text, contentType: 'text/x-rst' }),
      readmes.render({ text: `after *${name}*`, contentType: 'text/x-rst' }),
    ])

    if (readme.kind === 'plain') assert.match(readme.note ?? '', /^Shown as plain text: /)
    assert.equal(next.html, `<p>after <em>${name}</em></p>\n`)
  })
}

test('a text over the time limit is shown plain, and those behind it are rendered', async () => {
  using strict = closing(new Readmes({ log, limits: { ...patience, milliseconds: 20 } }))
  const slow = Array.from({ length: 3 }, (_, at) => `${at}\n\n${fill('<div>')}`)

  const [first, ...others] = await Promise.all([
    ...slow.map(async (text) => strict.readmes.render({ text, contentType: 'text/markdown' })),
    strict.readmes.render({ text: '*a*', contentType: 'text/markdown' }),
  ])

  assert.equal(
    first!.note?.split('.')[0],
    'Shown as plain text: rendering it took longer than 20 ms',
  )
  assert.deepEqual(
    others.map(({ kind }) => kind),
    ['plain', 'plain', 'markdown'],
  )
})

test('a text that needs too much memory ends its renderer and nothing else', async () => {
  using small = closing(
    new Readmes({ log, limits: { ...patience, milliseconds: 60_000, memoryMb: 24 } }),
  )

  const readme = await small.readmes.render({ text: fill('*a*\n\n'), contentType: 'text/markdown' })
  const next = await small.readmes.render({ text: '*a*', contentType: 'text/markdown' })

  assert.match(readme.note ?? '', /too much memory/)
  assert.equal(next.html, '<p><em>a</em></p>\n')
})

test('a text that comes out too long is shown plain', async () => {
  using short = closing(new Readmes({ log, limits: { outputCharacters: 20 } }))

  const readme = await short.readmes.render({ text: '*a* *b*', contentType: 'text/markdown' })

  assert.equal(readme.note, 'Shown as plain text: rendered, it would be too large.')
  assert.equal(readme.html, '<pre class="plain">*a* *b*</pre>')
})

function closing(made: Readmes): Disposable & { readonly readmes: Readmes } {
  return { readmes: made, [Symbol.dispose]: () => made.close() }
}
