/**
 * A piece of a description as its reader knows it: without the marks of Markdown and reStructuredText. What is searched
 * has no lines left, so this goes by what marks look like, and takes time in proportion to a piece, not to a description.
 */

/** Characters around a match within which marks have their other half. */
const BEFORE = 400
const AFTER = 500

/** The text around a place, without markup; `… ` stands where it is cut. */
export function plainAround(text: string, at: number): string {
  const from = at <= BEFORE ? 0 : text.indexOf(' ', at - BEFORE) + 1
  const to = at + AFTER >= text.length ? text.length : text.lastIndexOf(' ', at + AFTER)
  const piece = text.slice(Math.min(from, at), Math.max(to, at)).toWellFormed()
  return `${from > 0 ? '… ' : ''}${withoutMarkup(piece)}${to < text.length ? ' …' : ''}`
}

export function withoutMarkup(text: string): string {
  const { texts, codes } = splitCode(withoutRoles(text))
  const plain = texts.map(withoutMarks)
  return plain
    .map((one, place) => one + (codes[place] ?? ''))
    .join('')
    .replace(/\s+/g, ' ')
    .trim()
}

type Rule = readonly [pattern: RegExp, replacement: string]

const replaceAll = (text: string, rules: readonly Rule[]): string =>
  rules.reduce((left, [pattern, replacement]) => left.replace(pattern, replacement), text)

const WITHOUT_ROLES: readonly Rule[] = [
  [/\.\. _[^:]{1,100}: \S+/g, ' '], // targets
  [/\.\. (?:\|[^|]{1,100}\| )?(?:image|figure):: \S+/g, ' '],
  [/(?<=^|\s):(?:target|width|height|align|scale|class|name): \S+/g, ' '],
  [/\.\. [\w-]{1,50}::(?: (?:python|console|bash|shell|text))?/g, ' '], // other directives
  [/`([^`<>]{1,300}?) ?<[^`<>]{1,500}>`__?/g, '$1'], // links
  [/(?<!\w):[a-z][a-z:+.-]{0,40}:`([^`]{1,300})`/g, '$1'], // roles
  [/(?<!`)`([^`]{1,300})`__?(?!\w)/g, '$1'], // references
]

/** What reStructuredText does with backticks, which Markdown has for code alone. */
const withoutRoles = (text: string): string => replaceAll(text, WITHOUT_ROLES)

/** A text, a code behind it, and so on: there is one text more than there are codes. */
function splitCode(text: string): { readonly texts: string[]; readonly codes: string[] } {
  const [texts, codes]: [string[], string[]] = [[], []]
  let end = 0
  for (const { index, 0: whole, 1: fence = '', 2: code = '' } of text.matchAll(CODE)) {
    texts.push(text.slice(end, index))
    // A block begins with the name of its language.
    codes.push(fence.length > 2 ? ` ${code.replace(/^[\w+#.-]+ /, '')} ` : code)
    end = index + whole.length
  }
  texts.push(text.slice(end))
  return { texts, codes }
}

const CODE = /(?<!`)(`{1,2}|`{3,5}|~{3,5})(?![`~])(.+?)(?<!`)\1(?!`)/g

const TARGET = String.raw`\((?:[^()\s]|\([^()\s]*\))*(?: "[^"]*")?\)`
const TAGS =
  'a|abbr|b|blockquote|br|center|code|dd|details|div|dl|dt|em|font|h[1-6]|hr|i|img|kbd|li|ol|p|picture|' +
  'pre|s|small|source|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul|video'

const MARKS: readonly Rule[] = [
  [/<!--.*?-->/g, ' '],
  [new RegExp(`</?(?:${TAGS})(?: [^<>]*)?/?>`, 'gi'), ' '],
  [new RegExp(String.raw`!\[([^\[\]]*)\]${TARGET}`, 'g'), '$1'],
  [new RegExp(String.raw`\[([^\[\]]*)\]${TARGET}`, 'g'), '$1'],
  [/\[\^[^[\]\s]{1,100}\]:?/g, ''], // footnotes
  [/(?<=^|\s)\[[^[\]]{1,100}\]: \S+(?: "[^"]*")?/g, ' '], // targets
  [/!\[([^[\]]*)\]\[[^[\]]*\]/g, '$1'],
  [/(?<![\w\])])\[([^[\]]+)\]\[[^[\]]*\]/g, '$1'],
  [/\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]/g, ' '],
  [/<((?:https?:\/\/|mailto:)[^<>\s]+)>/g, '$1'],
  [/(?<=^|\s)([-*+]) \[[ xX]\](?=\s)/g, '$1'], // tasks
  [/(?<=^|\s)#{1,6}(?=\s)/g, ''],
  [/(?<=^|\s)([-=~^*_+#"'`])\1{2,}(?=\s|$)/g, ' '], // lines below titles, and between parts
  [/(?<=^|\s)>(?=\s)/g, ''],
  [/(?<![\w*\\])\*\*(?=[^\s*])([^*]+)(?<=[^\s\\])\*\*(?![\w*])/g, '$1'],
  [/(?<![\w\\])__(?=[^\s_])([^_]+)(?<=[^\s\\])__(?!\w)/g, '$1'],
  [/(?<![\w*\\])\*(?=[^\s*])([^*]+)(?<=[^\s\\])\*(?![\w*])/g, '$1'],
  [/(?<![\w\\])_(?=[^\s_])([^_]+)(?<=[^\s\\])_(?!\w)/g, '$1'],
  [/~~(?=\S)([^~]+)~~/g, '$1'],
  [/(\w)::(?=\s|$)/g, '$1:'],
  [/\\([\\`*_{}[\]()#+\-.!<>|~])/g, '$1'],
  [/&nbsp;/g, ' '],
  [/&lt;/g, '<'],
  [/&gt;/g, '>'],
  [/&quot;/g, '"'],
  [/&amp;/g, '&'],
]

/** Between the titles of a table and its first line. */
const TABLE_LINE = /\|(?: ?:?-{2,}:? ?\|)+/

function withoutMarks(text: string): string {
  const withoutTable = TABLE_LINE.test(text)
    ? text.replace(TABLE_LINE, ' ').replace(/(?<=^|\s)\|(?=\s|$)/g, ' ')
    : text
  return replaceAll(withoutTable, MARKS)
}
