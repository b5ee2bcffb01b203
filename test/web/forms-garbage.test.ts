/** Forms with whatever may stand in an address or a field: refused or done, never a failure, and nothing of it runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Parser } from 'htmlparser2'
import { fuzzRuns } from '../support/fuzz.ts'
import { fieldsOf, logIn } from '../support/visitor.ts'
import { addRelease, startWeb } from '../support/web.ts'

const forms = [
  '/+login',
  '/+new-user',
  '/ada/+edit',
  '/ada/+password',
  '/ada/+new-index',
  '/ada/+new-index?type=mirror',
  '/ada/dev/+edit',
  '/ada/dev/anchor/+delete',
  '/ada/dev/anchor/1.0/+delete',
  '/ada/dev/anchor/1.0/+yank',
  '/ada/dev/anchor/1.0/+push',
] as const

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus=alert(1) autofocus x='",
  '</textarea><script>alert(1)</script>',
  '{{7*7}}<%= it %>',
  '__proto__',
  'constructor',
  '\0',
  '\u2028',
  '\ud800',
  '../../etc',
  '//evil.example',
  'a'.repeat(70_000),
  '[1, {"__proto__": null}]',
  '>=1,<2',
  '-1',
  '1e999',
]

const text = fc.oneof(
  fc.constantFrom(...hostile),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
)

/** What a browser would run that none of our own pages has. */
function runningIn(html: string): string[] {
  const found: string[] = []
  const parser = new Parser({
    onopentag(name, attributes) {
      const own =
        name === 'script' ? attributes.src?.startsWith('/+static-') : attributes.src !== 'x'
      const hasHandler = Object.keys(attributes).some((attribute) => attribute.startsWith('on'))
      if (!own || hasHandler) found.push(`${name} ${JSON.stringify(attributes)}`)
    },
  })
  parser.end(html)
  return found
}

test('whatever stands in the fields of a form is refused or done, and runs nowhere', async () => {
  await using api = await startWeb({ indexes: ['team/prod', 'ada/dev'] })
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  const ada = await logIn(api, 'ada')
  const pages = new Map<string, Record<string, string>>()
  for (const form of forms) pages.set(form, fieldsOf((await ada.open(form)).text))

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...forms), fc.infiniteStream(text), async (form, texts) => {
      const fields = pages.get(form) ?? {}
      const typed = Object.keys(fields).map((name): [string, string] => {
        const isKept = name === 'csrf' || texts.next().value.length % 3 === 0
        return [name, isKept ? (fields[name] ?? '') : (texts.next().value as string)]
      })
      const reply = await ada.send(form, Object.fromEntries(typed))
      assert.match(String(reply.status), /^(?:303|4\d\d)$/, `${form} ${JSON.stringify(typed)}`)
      assert.deepEqual(runningIn(reply.text), [])
      if (reply.location !== undefined) assert.match(reply.location, /^\/(?!\/)/)
    }),
    fuzzRuns(150),
  )
})

test('whatever stands in the address of a form is refused or shown, and runs nowhere', async () => {
  await using api = await startWeb({ indexes: ['team/prod', 'ada/dev'] })
  await addRelease(api, 'ada/dev', 'anchor', '1.0')
  const ada = await logIn(api, 'root', '')
  const places = ['/X/+edit', '/X/+delete', '/ada/X/+edit', '/ada/X/+delete', '/ada/X/+upload']
  const deeper = ['/ada/dev/X/+delete', '/ada/dev/anchor/X/+delete', '/ada/dev/anchor/X/+yank']
  const queries = [
    '/+login?goto_url=X',
    '/ada/dev/anchor/1.0/+push?file=X',
    '/ada/dev/+upload?project=X&version=X',
    '/ada/+new-index?type=X',
  ]

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...places, ...deeper, ...queries),
      text,
      async (place, odd) => {
        const path = place.replaceAll('X', encodeURIComponent(odd.toWellFormed().slice(0, 2000)))
        const reply = await ada.open(path)
        assert.match(String(reply.status), /^(?:200|30\d|4\d\d)$/, path)
        assert.deepEqual(runningIn(reply.text), [], path)
      },
    ),
    fuzzRuns(150),
  )
})

test('a form that is torn, huge, or none is refused', async () => {
  await using api = await startWeb({ indexes: ['team/prod', 'ada/dev'] })
  const ada = await logIn(api, 'ada')
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const multipart = { 'content-type': 'multipart/form-data; boundary=x' }
  const tries: [path: string, body: string, headers: Record<string, string>, status: number][] = [
    ['/ada/+edit', '%', form, 403],
    ['/ada/+edit', '&'.repeat(6000), form, 400],
    ['/ada/+edit', `title=${'x'.repeat(2 * 1024 * 1024)}`, form, 413],
    ['/ada/+edit', '{}', { 'content-type': 'application/json' }, 400],
    ['/ada/dev/+upload', 'title=x', form, 415],
    ['/ada/dev/+upload', '--x\r\nContent-Dis', multipart, 400],
    ['/ada/dev/+upload', '', multipart, 400],
  ]

  for (const [path, body, headers, status] of tries) {
    const reply = await ada.send(path, {}, { headers, body })
    assert.equal(reply.status, status, `${path} ${body.slice(0, 20)}`)
  }
})
