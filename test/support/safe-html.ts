/** Asserts of rendered descriptions that nothing is left in them that could do anything. */
import assert from 'node:assert/strict'
import { Parser } from 'htmlparser2'

const elements = new Set(
  (
    'h1 h2 h3 h4 h5 h6 p div section blockquote pre hr br ul ol li dl dt dd details summary figure figcaption ' +
    'table caption colgroup col thead tbody tfoot tr th td a img span em strong i b u s del ins mark small ' +
    'code kbd samp var tt sub sup q cite dfn abbr acronym ruby rt rp bdi wbr'
  ).split(' '),
)

const values: Readonly<Record<string, RegExp>> = {
  href: /^(?:https?:\/\/[^\s"'<>@/]+[/?#][^\s"<>]*|mailto:[^\s"<>]*|#user-content-[^\s"]+)$/,
  src: /^(?:https?:\/\/[^\s"'<>]+|data:image\/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=]+)$/,
  'data-src': /^https?:\/\/[^\s"'<>]+$/,
  'data-width': /^\d+%?$/,
  'data-height': /^\d+%?$/,
  rel: /^nofollow noopener noreferrer$/,
  loading: /^lazy$/,
  referrerpolicy: /^no-referrer$/,
  id: /^user-content-\S+$/,
  class: /^(?:(?:hljs|language)[\w+# -]*|[a-z -]+)$/,
  title: /^[^]*$/,
  alt: /^[^]*$/,
  width: /^\d+%?$/,
  height: /^\d+%?$/,
  align: /^(?:left|right|center|justify)$/,
  dir: /^(?:ltr|rtl|auto)$/,
  open: /^$/,
  start: /^-?\d+$/,
  type: /^[1aAiI]$/,
  value: /^-?\d+$/,
  colspan: /^\d+$/,
  rowspan: /^\d+$/,
}

/** Neither may it reach out of the element that it stands in. */
export function assertSafeHtml(html: string, of: string): void {
  const tags = html.match(/<\/?[a-z][a-z0-9]*(?: [a-z-]+(?:="[^"<>]*")?)*(?: \/)?>/g) ?? []
  assert.equal(html.split('<').length - 1, tags.length, `a stray < in ${html} of ${of}`)

  const open: string[] = []
  const parser = new Parser({
    onopentag(name, attributes) {
      open.push(name)
      if (name !== 'main') assertSafeElement(name, attributes, `${html} of ${of}`)
    },
    onclosetag(name, isImplied) {
      assert.equal(open.pop(), name)
      assert.ok(name !== 'main' || !isImplied, `reaches out: ${html} of ${of}`)
    },
    oncomment: () => assert.fail(`comment in ${html} of ${of}`),
    onprocessinginstruction: () => assert.fail(`instruction in ${html} of ${of}`),
  })
  parser.write(`<main>${html}`)
  assert.equal(open[0], 'main', `reaches out: ${html} of ${of}`)
  parser.end('</main>')
}

function assertSafeElement(
  name: string,
  attributes: Readonly<Record<string, string>>,
  where: string,
): void {
  assert.ok(elements.has(name), `<${name}> in ${where}`)
  for (const [attribute, value] of Object.entries(attributes)) {
    assert.ok(values[attribute]?.test(value), `${attribute}="${value}" in ${where}`)
  }
  if (attributes['href']?.startsWith('http')) assert.ok(attributes['rel'], where)
}
