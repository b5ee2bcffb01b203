import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sanitise } from '../safe/sanitise.ts'
import { renderMarkdown } from './markdown.ts'

const show = (text: string): string => sanitise(renderMarkdown(text, false), 'link').trim()

const away = 'rel="nofollow noopener noreferrer"'

const features: Readonly<Record<string, readonly [markdown: string, html: string | RegExp]>> = {
  emphasis: ['*a* **b** `c`', '<p><em>a</em> <strong>b</strong> <code>c</code></p>'],
  strikethrough: ['~~a~~', '<p><s>a</s></p>'],
  table: [
    '|a|b|\n|:-|-:|\n|1|2|',
    /<th align="left">a<\/th>\n<th align="right">b[^]*<td align="right">2/,
  ],
  'ordered list': ['3. a\n4. b', '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'],
  'task done': [
    '- [x] a',
    /<li class="task-item"><span class="task task-done" title="done">☑<\/span> a/,
  ],
  'task to do': ['1. [ ] a', /<li class="task-item"><span class="task" title="to do">☐<\/span> a/],
  'no task': ['[x] a', '<p>[x] a</p>'],
  autolink: [
    'see https://a.example/b.',
    `<p>see <a href="https://a.example/b" ${away}>https://a.example/b</a>.</p>`,
  ],
  'bracketed link': [
    '<https://a.example>',
    `<p><a href="https://a.example/" ${away}>https://a.example</a></p>`,
  ],
  'file name': ['setup.py and readme.md', '<p>setup.py and readme.md</p>'],
  'address without a scheme': [
    '(www.a.example/b).',
    `<p>(<a href="https://www.a.example/b" ${away}>www.a.example/b</a>).</p>`,
  ],
  'a word that begins like one': ['www. and www', '<p>www. and www</p>'],
  mail: ['me@a.example', `<p><a href="mailto:me@a.example" ${away}>me@a.example</a></p>`],
  'link with title': [
    '[a](https://a.example/ "t")',
    `<p><a title="t" href="https://a.example/" ${away}>a</a></p>`,
  ],
  'relative link': ['[a](docs/b.md)', '<p><span>a</span></p>'],
  'fragment link': ['[a](#usage)', '<p><a href="#user-content-usage">a</a></p>'],
  heading: [
    '## How to `use` *it*!',
    '<h2 id="user-content-how-to-use-it">How to <code>use</code> <em>it</em>!</h2>',
  ],
  'same headings': ['# A\n# A', '<h1 id="user-content-a">A</h1>\n<h1 id="user-content-a-1">A</h1>'],
  'heading in Chinese': ['# 安装 指南', '<h1 id="user-content-安装-指南">安装 指南</h1>'],
  code: [
    '```python\ndef a(): pass\n```',
    /<pre><code class="language-python"><span class="hljs-keyword">def<\/span>/,
  ],
  'code of an unknown language': [
    '```brainfog\n<b>\n```',
    '<pre><code class="language-brainfog">&lt;b&gt;\n</code></pre>',
  ],
  'code of no language': ['```\na & b\n```', '<pre><code>a &amp; b\n</code></pre>'],
  'code by another name': ['```{.toml}\na = 1\n```', /<span class="hljs-attr">a<\/span>/],
  session: [
    '```pycon\n>>> 1\n```',
    /<span class="hljs-meta prompt_">&gt;&gt;&gt;<\/span>|hljs-meta/,
  ],
  alert: [
    '> [!NOTE]\n> a',
    '<div class="admonition note">\n<p><strong class="admonition-title">Note</strong><br />a</p>\n</div>',
  ],
  quotation: ['> [!NOTE] a', '<blockquote>\n<p>[!NOTE] a</p>\n</blockquote>'],
  'quotation in an alert': [
    '> [!TIP]\n> > a',
    /<div class="admonition tip">[^]*<blockquote>\n<p>a<\/p>\n<\/blockquote>\n<\/div>/,
  ],
  entity: ['&copy; &lt;b&gt;', '<p>© &lt;b&gt;</p>'],
  'html with align': ['<h1 align="center">a</h1>', '<h1 align="center">a</h1>'],
  "landmarks are the page's": ['<nav>a</nav>', '<div>a</div>'],
  details: [
    '<details open>\n<summary>a</summary>\n\n*b*\n\n</details>',
    /<details open>\n<summary>a<\/summary>\n<p><em>b<\/em><\/p>\n<\/details>/,
  ],
  center: ['<center>a</center>', '<div align="center">a</div>'],
  anchor: ['<a name="x"></a>', '<p><span id="user-content-x"></span></p>'],
  image: [
    '![a](https://a.example/b.png)',
    `<p><a class="remote-image" data-src="https://a.example/b.png" href="https://a.example/b.png" ${away}>a</a></p>`,
  ],
  'image without a name': ['![](https://a.example/b.png?c)', />b\.png<\/a>/],
  'badge in a link': [
    '[![a](https://a.example/b.svg)](https://c.example/)',
    `<p><a href="https://c.example/" ${away}><span class="remote-image" data-src="https://a.example/b.svg">a</span></a></p>`,
  ],
  'relative image': ['![a](b.png)', '<p><span>a</span></p>'],
  'image with a width': [
    '<img src="https://a.example/b" alt="c" width="50%">',
    /data-src="https:\/\/a.example\/b" data-width="50%"/,
  ],
  'inline image': [
    '![a](data:image/png;base64,iVBORw0KGgo=)',
    '<p><img alt="a" src="data:image/png;base64,iVBORw0KGgo=" /></p>',
  ],
  'inline drawing': [
    '<img alt="a" src="data:image/svg+xml;base64,iVBORw0KGgo=">',
    '<span>a</span>',
  ],
}

for (const [name, [markdown, html]] of Object.entries(features)) {
  test(`Markdown: ${name}`, () => {
    const shown = show(markdown)

    if (typeof html === 'string') assert.equal(shown, html)
    else assert.match(shown, html)
  })
}

test('images are shown to those who want them, without telling where they are seen', () => {
  const html = sanitise(renderMarkdown('![a](http://a.example/b.png)', false), 'show').trim()

  const manners = 'loading="lazy" referrerpolicy="no-referrer"'
  assert.equal(html, `<p><img alt="a" src="http://a.example/b.png" ${manners} /></p>`)
})

test('CommonMark is read without what GitHub added', () => {
  const html = renderMarkdown('~~a~~ https://a.example\n\n- [x] b\n\n> [!NOTE]\n> c', true)

  assert.doesNotMatch(html, /<s>|<a |task|admonition/)
})

test('the name before a host is not shown in place of it', () => {
  assert.match(show('[a](https://good.example@evil.example/)'), /href="https:\/\/evil.example\/"/)
})
