/** Which characters count as what, and backslash escapes, which are kept as NUL until a text is printed. */

const openers =
  '"\'(<[{\u0f3a\u0f3c\u169b\u2045\u207d\u208d\u2329\u2768\u276a\u276c\u276e\u2770\u2772\u2774\u27c5\u27e6\u27e8\u27ea' +
  '\u27ec\u27ee\u2983\u2985\u2987\u2989\u298b\u298d\u298f\u2991\u2993\u2995\u2997\u29d8\u29da\u29fc\u2e22\u2e24\u2e26' +
  '\u2e28\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\u301a\u301d\u301d\ufd3e\ufe17\ufe35\ufe37\ufe39\ufe3b\ufe3d' +
  '\ufe3f\ufe41\ufe43\ufe47\ufe59\ufe5b\ufe5d\uff08\uff3b\uff5b\uff5f\uff62\xab\u2018\u201c\u2039\u2e02\u2e04\u2e09' +
  '\u2e0c\u2e1c\u2e20\u201a\u201e\xbb\u2019\u201d\u203a\u2e03\u2e05\u2e0a\u2e0d\u2e1d\u2e21\u201b\u201f'

/** Each stands where its opener does. */
const closers =
  '"\')>]}\u0f3b\u0f3d\u169c\u2046\u207e\u208e\u232a\u2769\u276b\u276d\u276f\u2771\u2773\u2775\u27c6\u27e7\u27e9\u27eb' +
  '\u27ed\u27ef\u2984\u2986\u2988\u298a\u298c\u298e\u2990\u2992\u2994\u2996\u2998\u29d9\u29db\u29fd\u2e23\u2e25\u2e27' +
  '\u2e29\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301b\u301e\u301f\ufd3f\ufe18\ufe36\ufe38\ufe3a\ufe3c\ufe3e' +
  '\ufe40\ufe42\ufe44\ufe48\ufe5a\ufe5c\ufe5e\uff09\uff3d\uff5d\uff60\uff63\xbb\u2019\u201d\u203a\u2e03\u2e05\u2e0a' +
  '\u2e0d\u2e1d\u2e21\u201b\u201f\xab\u2018\u201c\u2039\u2e02\u2e04\u2e09\u2e0c\u2e1c\u2e20\u201a\u201e'

/** Quotes that are closed otherwise in some languages. */
const otherClosers: Readonly<Record<string, string>> = {
  '\xbb': '\xbb',
  '\u2018': '\u201a',
  '\u2019': '\u2019',
  '\u201a': '\u2018\u2019',
  '\u201c': '\u201e',
  '\u201e': '\u201c\u201d',
  '\u201d': '\u201d',
  '\u203a': '\u203a',
}

const opener = new Set(openers)
const closer = new Set(closers)

/** Punctuation that neither opens nor closes, and that separates words. */
const delimiter = /[-/:\xa1\xb7\xbf]|(?![\0-\x7f"'«»])[\p{Pd}\p{Po}]/u

const wordCharacter = /[\p{L}\p{N}]/u
const whitespace = /\s/

/** Letters and digits with single punctuation in between: simple reference names, and names of roles. */
export const SIMPLE_NAME = String.raw`[\p{L}\p{N}]+(?:[-._+:][\p{L}\p{N}]+)*`

export function isWhitespace(character: string | undefined): boolean {
  return character !== undefined && whitespace.test(character)
}

/** Whether the code unit at `at` is a letter or a digit, or half of one. */
export function isWordAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code < 0x80) {
    return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
  }
  if (code >= 0xd800 && code < 0xdc00) return wordCharacter.test(text.slice(at, at + 2))
  if (code >= 0xdc00 && code < 0xe000) return wordCharacter.test(text.slice(at - 1, at + 1))
  return code >= 0x80 && wordCharacter.test(text[at] ?? '')
}

/** Whether inline markup may begin behind this character. */
export function mayPrecede(character: string): boolean {
  return opener.has(character) || whitespace.test(character) || delimiter.test(character)
}

/** Whether inline markup may end before this character; `undefined` is the end of the text. */
export function mayFollow(character: string | undefined): boolean {
  return (
    character === undefined ||
    '\0\\.,;!?'.includes(character) ||
    closer.has(character) ||
    whitespace.test(character) ||
    delimiter.test(character)
  )
}

/** Whether markup between these two is quoted, and so is none: `"*"`. */
export function isPair(open: string, close: string): boolean {
  const at = openers.indexOf(open)
  if (at < 0) return false
  return closers[at] === close || (otherClosers[open] ?? '').includes(close)
}

const wide =
  /^[[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u3247\u3250-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f200}-\u{1f320}\u{20000}-\u{3fffd}]--[\u{1f1e6}-\u{1f1ff}]]/v
const combining = /^[\p{Mn}--[\ufe00-\ufe0f]]/v
const narrow = /^[\0-\x7f]*$/

/** One entry per column: a character with the marks on it, or nothing behind a wide character. */
export function splitColumns(text: string): string[] {
  if (narrow.test(text)) return text.split('')
  const columns: string[] = []
  for (const character of text) {
    if (combining.test(character) && columns.length > 0) columns[columns.length - 1] += character
    else if (wide.test(character)) columns.push(character, '')
    else columns.push(character)
  }
  return columns
}

export function columnWidth(text: string): number {
  return narrow.test(text) ? text.length : splitColumns(text).length
}

/** Backslashes that escape become NUL. */
export function escapeToNull(text: string): string {
  return text.replaceAll(/\\([^]?)/g, '\0$1')
}

/** The text as it is read: what was escaped stands alone, escaped white space is gone. */
export function unescape(text: string): string {
  return text.includes('\0') ? text.replaceAll(/\0[ \n]?/g, '') : text
}

/** The text as it was written. */
export function restoreEscapes(text: string): string {
  return text.replaceAll('\0', '\\')
}

/** Python's `' '.join(text.split())`. */
export function collapse(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}

/** How reference names are compared. */
export function normalizeName(text: string): string {
  return collapse(text.toLowerCase())
}

/** Escaped white space stays as one space, other white space does not belong into an address. */
export function joinAddress(escaped: string): string {
  return escaped
    .split(/\0[ \n]/)
    .map((part) => unescape(part).replaceAll(/\s+/g, ''))
    .join(' ')
}

const digraphs: Readonly<Record<string, string>> = {
  ß: 'sz',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ı: 'i',
  ł: 'l',
}

/** The identifier that docutils makes of a name; empty where nothing is left. */
export function makeId(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[ßæœøđıł]/g, (character) => digraphs[character] ?? '')
    .normalize('NFKD')
    .replaceAll(/[^\0-\x7f]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+/, '')
    .replace(/-$/, '')
}
