/** What reStructuredText becomes: read it as the manual of what a README may use. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderRst } from './rst.ts'

/** The HTML without line ends, so that a test can be read. */
function html(...lines: readonly string[]): string {
  const rendered = renderRst(lines.join('\n'))
  assert.deepEqual(rendered.warnings, [])
  return rendered.html.replaceAll('\n', '')
}

function refusal(...lines: readonly string[]): string {
  const rendered = renderRst(lines.join('\n'))
  assert.equal(rendered.failed, true, rendered.html)
  assert.equal(rendered.html, '')
  return rendered.warnings.join()
}

test('titles are as deep as the order in which their underlines come', () => {
  assert.equal(
    html('One', '===', '', 'Two', '---', '', 'Three', '====='),
    '<section id="user-content-one"><h1>One</h1>' +
      '<section id="user-content-two"><h2>Two</h2></section></section>' +
      '<section id="user-content-three"><h1>Three</h1></section>',
  )
  assert.match(html('===', 'One', '===', '', 'Two', '==='), /<h1>One<.*<h2>Two</)
})

test('inline markup', () => {
  assert.equal(
    html('*a* **b** ``c *d*`` `e`'),
    '<p><em>a</em> <strong>b</strong> <code>c *d*</code> <cite>e</cite></p>',
  )
  assert.equal(html('H\\ :sub:`2`\\ O, :kbd', '``x``'), '<p>H<sub>2</sub>O, :kbd<code>x</code></p>')
  assert.equal(html('2 * 3 * 4, "*", a*b*c, \\*d\\*'), '<p>2 * 3 * 4, “*”, a*b*c, *d*</p>')
  assert.equal(html(':pep:`8`'), '<p><a href="https://peps.python.org/pep-0008">PEP 8</a></p>')
})

test('links: to targets, embedded, anonymous, and addresses as they stand', () => {
  const link = '<a href="https://a.example">'
  assert.equal(
    html('A_, `A b`_.', '', '.. _A: https://a.example', '.. _A b: A_'),
    `<p>${link}A</a>, ${link}A b</a>.</p>`,
  )
  assert.equal(html('`A <https://a.example>`_'), `<p>${link}A</a></p>`)
  assert.equal(html('A__', '', '__ https://a.example'), `<p>${link}A</a></p>`)
  assert.equal(html('See https://a.example.'), `<p>See ${link}https://a.example</a>.</p>`)
  assert.equal(html('ada@a.example'), '<p><a href="mailto:ada@a.example">ada@a.example</a></p>')
  assert.equal(
    html('`One`_', '', 'One', '==='),
    '<p><a href="#user-content-one">One</a></p><section id="user-content-one"><h1>One</h1></section>',
  )
})

test('lists', () => {
  assert.equal(
    html('- a', '- b', '', '  - c'),
    '<ul><li><p>a</p></li><li><p>b</p><ul><li><p>c</p></li></ul></li></ul>',
  )
  assert.equal(html('3. a', '#. b'), '<ol start="3"><li><p>a</p></li><li><p>b</p></li></ol>')
  assert.equal(
    html('a : b', '   c'),
    '<dl><dt>a<span class="classifier">b</span></dt><dd><p>c</p></dd></dl>',
  )
  assert.equal(html('x', '', ':a: b'), '<p>x</p><dl><dt>a:</dt><dd><p>b</p></dd></dl>')
  assert.match(html('-a, --all=X  b'), /<kbd>.*-a<.*--all=<var>X<\/var>.*<\/kbd><\/dt><dd><p>b</)
})

test('blocks: quotes, lines, literal text and doctests', () => {
  assert.equal(
    html('a', '', '  b', '', '  -- c'),
    '<p>a</p><blockquote><p>b</p><p class="attribution">—c</p></blockquote>',
  )
  assert.equal(
    html('| a', '| b'),
    '<div class="line-block"><div class="line">a</div><div class="line">b</div></div>',
  )
  assert.equal(
    renderRst('a::\n\n  <b>\n   c').html,
    '<p>a:</p>\n<pre><code>&lt;b&gt;\n c</code></pre>\n',
  )
  assert.equal(html('::', '', '> a'), '<pre><code>&gt; a</code></pre>')
  assert.equal(html('>>> 1'), '<pre><code class="language-pycon">&gt;&gt;&gt; 1</code></pre>')
})

test('tables: drawn as a grid, simple, from lists and from values', () => {
  const row = '<tr><td><p>1</p></td><td><p>2</p></td></tr>'
  const head = '<thead><tr><th><p>a</p></th><th><p>b</p></th></tr></thead>'
  const table = `<table>${head}<tbody>${row}</tbody></table>`
  assert.equal(html('+--+--+', '|a |b |', '+==+==+', '|1 |2 |', '+--+--+'), table)
  assert.equal(html('== ==', 'a  b', '== ==', '1  2', '== =='), table)
  assert.equal(
    html(
      '.. list-table::',
      '   :header-rows: 1',
      '',
      '   * - a',
      '     - b',
      '   * - 1',
      '     - 2',
    ),
    table,
  )
  assert.equal(html('.. csv-table::', '   :header: "a", b', '', '   1, 2'), table)
  assert.match(html('+--+--+', '|a    |', '+--+--+', '|1 |2 |', '+--+--+'), /<td colspan="2"><p>a</)
})

test('footnotes, citations and substitutions', () => {
  assert.match(
    html('[#]_ [1]_ [B]_', '', '.. [#] a', '.. [1] b', '.. [B] c'),
    /\[2\].*\[1\].*\[B\].*<p>a</,
  )
  assert.equal(
    html('|a| |b|', '', '.. |a| replace:: *x*', '.. |b| unicode:: U+A9'),
    '<p><em>x</em> ©</p>',
  )
  assert.equal(html('|i|', '', '.. |i| image:: a.png'), '<p><img src="a.png" alt="i"></p>')
})

test('directives', () => {
  assert.equal(
    html('.. code-block:: Python', '', '   a < b'),
    '<pre><code class="language-python">a &lt; b</code></pre>',
  )
  assert.equal(
    html('.. note:: a'),
    '<aside class="admonition note"><p class="admonition-title">Note</p><p>a</p></aside>',
  )
  assert.equal(
    html('.. image:: a.png', '   :alt: b', '   :target: https://c.example', '   :width: 50'),
    '<a href="https://c.example"><img src="a.png" alt="b" width="50"></a>',
  )
  assert.match(
    html('.. contents::', '', 'One', '==='),
    /<nav.*<a href="#user-content-one" id="user-content-toc-entry-1">One<.*<h1><a href="#user-content-toc-entry-1">One</,
  )
  assert.match(
    html('.. contents:: See https://a.example', '', 'One', '==='),
    /<p class="topic-title">See <a href="https:\/\/a\.example">https:\/\/a\.example<\/a><\/p>/,
  )
  assert.match(
    html('.. sectnum::', '', 'One', '==='),
    /<h1><span class="section-number">1 <\/span>One</,
  )
  assert.equal(html('.. role:: key', '   :class: kbd', '', ':key:`A`'), '<p><kbd>A</kbd></p>')
})

test('a mistake from which docutils warns refuses the whole text, as on PyPI', () => {
  assert.equal(refusal('One two', '====='), 'Line 1: The line below the title is too short.')
  assert.equal(refusal('*a'), 'Line 1: There is no end for the inline markup that begins with *.')
  assert.equal(refusal('a_'), 'Line 1: The target "a" of "a" is not there.')
  assert.equal(refusal(':py:func:`a`'), 'Line 1: The role "py:func" is not known.')
  assert.equal(refusal('.. automodule:: a'), 'Line 1: The directive "automodule" is not known.')
  assert.equal(refusal('.. raw:: html', '', '   <b>'), 'Line 1: Raw content is not shown.')
  assert.equal(refusal('- a', 'b'), 'Line 2: Bullet list ends without a blank line.')
  assert.equal(refusal(''), 'There is nothing to show.')
})
