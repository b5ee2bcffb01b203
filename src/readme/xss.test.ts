import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { createLog } from '#base/log'
import { assertSafeHtml } from '../../test/support/safe-html.ts'
import { xssPayloads } from '../../test/support/xss.ts'
import { Readmes } from './readme.ts'
import { sanitise } from './safe/sanitise.ts'

const readmes = new Readmes({
  log: createLog({ level: 'silent' }),
  limits: { milliseconds: 60_000, waitMilliseconds: 60_000, queue: 10_000 },
})
after(() => readmes.close())

const types = ['text/markdown', 'text/markdown; variant=CommonMark', 'text/x-rst', 'text/plain', '']

for (const contentType of types) {
  test(`nothing of ${xssPayloads.length} attempts is left in ${contentType || 'an untyped text'}`, async () => {
    for (const text of xssPayloads) {
      for (const images of ['link', 'show'] as const) {
        const { html } = await readmes.render({ text, contentType, images })

        assertSafeHtml(html, text)
      }
    }
  })
}

test('there are attempts enough, and no two are the same', () => {
  assert.ok(new Set(xssPayloads).size >= 200)
  assert.equal(new Set(xssPayloads).size, xssPayloads.length)
})

test('attempts in the midst of others leave nothing either', async () => {
  const pieces = fc.constantFrom(
    ...xssPayloads,
    '\n\n',
    '> ',
    '- ',
    '```\n',
    '<div>',
    '</p>',
    '"',
    '[a](',
  )
  const documents = fc.array(pieces, { minLength: 2, maxLength: 8 }).map((parts) => parts.join(''))

  await fc.assert(
    fc.asyncProperty(documents, fc.constantFrom(...types), async (text, contentType) => {
      const { html } = await readmes.render({ text, contentType })
      assertSafeHtml(html, text)
    }),
    { numRuns: 300 },
  )
})

test('whatever is sanitised is safe, and so it is when it is read and written once more', () => {
  const words = fc.constantFrom(
    ...[
      '<a',
      '<img',
      '<p',
      '<td',
      '<svg',
      '</a',
      '</p',
      '>',
      '/>',
      ' href=',
      ' src=',
      ' id=',
      ' class=',
    ],
    ...[
      ' title=',
      '"',
      "'",
      '`',
      '#x',
      'https://a.example/',
      'javascript:',
      'data:image/png;base64,AA==',
    ],
    ...[
      '&lt;',
      '&quot;',
      '&#x',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '\0',
      ' onclick=a',
      'a',
      ' ',
      '\n',
      '=',
    ],
    ...[
      '<style>',
      '</style>',
      '<title>',
      '<table>',
      '<li>',
      '<br>',
      '<center>',
      '<details open>',
      '</',
    ],
  )
  const html = fc.array(fc.oneof(words, fc.string({ maxLength: 3 })), { maxLength: 30 })

  fc.assert(
    fc.property(html, (parts) => {
      const once = sanitise(parts.join(''), 'show')
      assertSafeHtml(once, parts.join(''))
      assertSafeHtml(sanitise(once, 'show'), once)
    }),
    { numRuns: 2000 },
  )
})
