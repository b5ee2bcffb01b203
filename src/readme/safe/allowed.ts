/** What may stand in a rendered description: elements, attributes with their values, class names. */
import { cleanId } from './addresses.ts'

/** PyPI's list, and what belongs to it. */
export const allowedTags: readonly string[] = [
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'div', 'section', 'blockquote', 'pre', 'hr', 'br'],
  ...['ul', 'ol', 'li', 'dl', 'dt', 'dd', 'details', 'summary', 'figure', 'figcaption'],
  ...['table', 'caption', 'colgroup', 'col', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'],
  ...['a', 'img', 'span', 'em', 'strong', 'i', 'b', 'u', 's', 'del', 'ins', 'mark', 'small'],
  ...['code', 'kbd', 'samp', 'var', 'tt', 'sub', 'sup', 'q', 'cite', 'dfn', 'abbr', 'acronym'],
  ...['ruby', 'rt', 'rp', 'bdi', 'wbr'],
]

/** Elements that go with all that is in them: it is no text. */
export const droppedWithContent: readonly string[] = [
  ...['script', 'style', 'textarea', 'option', 'select', 'xmp', 'noscript', 'iframe', 'noembed'],
  ...['noframes', 'plaintext', 'template', 'svg', 'math', 'title', 'head', 'object', 'frameset'],
]

/** The value to print, or undefined for none. */
export type CleanValue = (value: string) => string | undefined

const matching =
  (pattern: RegExp): CleanValue =>
  (value) =>
    pattern.test(value) ? value.toLowerCase() : undefined

const align = matching(/^(?:left|right|center|justify)$/i)
const length = matching(/^[0-9]{1,4}%?$/)
const span = matching(/^[0-9]{1,3}$/)
const integer = matching(/^-?[0-9]{1,6}$/)
const title: CleanValue = (value) => value.slice(0, 1000)
const present: CleanValue = () => ''

const everywhere: Readonly<Record<string, CleanValue>> = {
  id: cleanId,
  class: cleanClasses,
  dir: matching(/^(?:ltr|rtl|auto)$/i),
}

const perTag: Readonly<Record<string, Readonly<Record<string, CleanValue>>>> = {
  a: { title },
  abbr: { title },
  acronym: { title },
  span: { title },
  img: { title, width: length, height: length, align, alt: (value) => value.slice(0, 1000) },
  details: { open: present },
  ol: { start: integer, type: (value) => (/^[1aAiI]$/.test(value) ? value : undefined) },
  li: { value: integer },
  td: { align, colspan: span, rowspan: span },
  th: { align, colspan: span, rowspan: span },
  ...Object.fromEntries(
    ['p', 'div', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'tr', 'thead', 'tbody'].map((tag) => [
      tag,
      { align },
    ]),
  ),
}

/** Classes that our own renderers write; a description's author gains nothing by using them too. */
const ownClasses = new Set([
  ...['footnotes', 'footnote-ref', 'footnote-back', 'task-item', 'task', 'task-done'],
  ...['admonition', 'admonition-title', 'note', 'tip', 'important', 'warning', 'caution'],
  ...['attention', 'danger', 'error', 'hint', 'topic', 'topic-title', 'sidebar', 'sidebar-title'],
  ...['rubric', 'subtitle', 'contents', 'section-number', 'line-block', 'line', 'attribution'],
  ...['docinfo', 'option-list', 'option', 'classifier', 'compound', 'legend', 'math'],
  ...['footnote-list', 'footnote', 'citation-list', 'citation', 'label', 'backrefs'],
  ...['align-left', 'align-right', 'align-center', 'align-top', 'align-middle', 'align-bottom'],
])

function cleanClasses(value: string): string | undefined {
  const kept = value
    .slice(0, 400)
    .split(/\s+/)
    .filter((name) => ownClasses.has(name) || /^(?:hljs|language)(?:-[\w+#-]{1,40})?$/.test(name))
  return kept.length > 0 ? kept.join(' ') : undefined
}

/** The attributes of that element that may stay, with clean values. */
export function cleanAttributes(
  tag: string,
  attributes: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, clean] of Object.entries({ ...everywhere, ...perTag[tag] })) {
    if (!Object.hasOwn(attributes, name)) continue
    const value = clean(attributes[name]!)
    if (value !== undefined) kept[name] = value
  }
  return kept
}

/** Names only, for each element; the values have been cleaned. */
export const attributeNames: Readonly<Record<string, string[]>> = {
  '*': Object.keys(everywhere),
  ...Object.fromEntries(Object.entries(perTag).map(([tag, table]) => [tag, Object.keys(table)])),
}
