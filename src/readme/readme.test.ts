import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, test } from 'node:test'
import { createLog } from '#base/log'
import { Readmes } from './readme.ts'

const log = createLog({ level: 'silent' })
const readmes = new Readmes({ log, limits: { waitMilliseconds: 60_000 } })
after(() => readmes.close())

const markdown = 'text/markdown; charset=UTF-8'

test('a description is rendered by its content type', async () => {
  const rendered = await readmes.render({ text: '*a*', contentType: markdown })
  const plain = await readmes.render({ text: '*a* <b>\n', contentType: 'text/plain' })

  assert.deepEqual(rendered, { html: '<p><em>a</em></p>\n', kind: 'markdown' })
  assert.deepEqual(plain, { html: '<pre class="plain">*a* &lt;b&gt;</pre>', kind: 'plain' })
})

test('reStructuredText is rendered, with its code in colours, and so is a text without a type', async () => {
  const text = 'A\n=\n\n.. code-block:: python\n\n   a = "<b>"\n\n.. note:: *c*\n\nSee A_.\n'

  const rst = await readmes.render({ text, contentType: 'text/x-rst; charset=UTF-8' })
  const untyped = await readmes.render({ text })

  assert.equal(rst.kind, 'rst')
  assert.match(rst.html, /<code class="language-python">a = <span class="hljs-string">"&lt;b&gt;"</)
  assert.match(rst.html, /<div class="admonition note">[^]*<em>c<\/em>/)
  assert.match(rst.html, /<a href="#user-content-a">A<\/a>/)
  assert.deepEqual(untyped, rst)
})

test('broken reStructuredText is shown plain, and the note says what is wrong', async () => {
  const text = 'A\n=\n\n`b'

  const typed = await readmes.render({ text, contentType: 'text/x-rst' })
  const untyped = await readmes.render({ text })

  assert.equal(typed.html, '<pre class="plain">A\n=\n\n`b</pre>')
  assert.match(typed.note ?? '', /^Shown as plain text: it is not valid reStructuredText: \S/)
  assert.match(untyped.note ?? '', /^Shown as plain text: it has no content type, and is not valid/)
})

test('an unknown type is shown plain, and the note says so', async () => {
  const readme = await readmes.render({ text: '<b>', contentType: 'text/html' })

  assert.equal(readme.html, '<pre class="plain">&lt;b&gt;</pre>')
  assert.equal(readme.note, 'Shown as plain text: text/html is not known here.')
})

test('a description of nothing but space is empty, without a note', async () => {
  const empty = { html: '', kind: 'plain' }

  assert.deepEqual(await readmes.render({ text: '' }), empty)
  assert.deepEqual(
    await readmes.render({ text: ' \n'.repeat(600_000), contentType: markdown }),
    empty,
  )
})

test('a text that is too long is shown plain, and no more of it than somebody reads', async () => {
  const text = `\u{1f600}${'\u{1f600}x'.repeat(500_000)}`

  const { html, kind, note } = await readmes.render({ text, contentType: markdown })

  assert.equal(kind, 'plain')
  assert.ok(html.length < 210_000 && html.isWellFormed())
  assert.match(note ?? '', /more than 1,000,000 characters\. These are the first 200,000/)
})

test('the same text is rendered once, however many ask at once or later', async () => {
  const ask = { text: '# once', contentType: markdown }

  const [first, second] = await Promise.all([readmes.render(ask), readmes.render(ask)])
  const third = await readmes.render(ask)

  assert.equal(first, second)
  assert.equal(first, third)
})

test('images as links and images shown are kept apart', async () => {
  const ask = { text: '![a](https://a.example/b.png)', contentType: markdown }

  const linked = await readmes.render(ask)
  const shown = await readmes.render({ ...ask, images: 'show' })

  assert.match(linked.html, /<a class="remote-image"/)
  assert.match(shown.html, /<img /)
})

test('when the queue is full, one more text is shown plain for now and rendered the next time', async () => {
  const busy = new Readmes({ log, limits: { queue: 1, waitMilliseconds: 60_000 } })
  const texts = ['a', 'b', 'c'].map((text) => ({ text: `*${text}*`, contentType: markdown }))

  const all = await Promise.all(texts.map(async (ask) => busy.render(ask)))
  const later = await busy.render(texts[2]!)
  busy.close()

  assert.deepEqual(
    all.map(({ kind }) => kind),
    ['markdown', 'markdown', 'plain'],
  )
  assert.match(all[2]!.note ?? '', /for now|Look again in a moment/)
  assert.equal(later.kind, 'markdown')
})

test('a page waits no longer than it should, and the rendering is there for the next', async () => {
  const hasty = new Readmes({ log, limits: { waitMilliseconds: 0 } })
  const ask = { text: '*a*', contentType: markdown }

  const first = await hasty.render(ask)
  let next = first
  while (next.kind === 'plain') next = await hasty.render(ask)
  hasty.close()

  assert.match(first.note ?? '', /Look again in a moment/)
  assert.equal(next.html, '<p><em>a</em></p>\n')
})

test('whoever waits when it is closed gets the text plain', async () => {
  const closed = new Readmes({ log, limits: { waitMilliseconds: 60_000 } })
  const asked = ['a', 'b'].map(async (text) => closed.render({ text, contentType: markdown }))

  closed.close()
  const kinds = (await Promise.all(asked)).map(({ kind }) => kind)

  assert.deepEqual(kinds, ['plain', 'plain'])
  assert.equal((await closed.render({ text: '*c*', contentType: markdown })).kind, 'plain')
})

test('a renderer without work keeps no server up', () => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../base/log.ts', import.meta.url).href)}
    import { Readmes } from ${JSON.stringify(new URL('readme.ts', import.meta.url).href)}
    const readmes = new Readmes({ log: createLog() })
    const { html } = await readmes.render({ text: '*a*', contentType: 'text/markdown' })
    process.stdout.write(html)
  `

  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 60_000,
  })

  assert.equal(stdout, '<p><em>a</em></p>\n')
  assert.equal(status, 0)
})
