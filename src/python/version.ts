/** PEP 440 versions: parse, print, order. Texts in the order of the versions they spell: `version-order.ts`. */

/** They have no limit: a number where that holds every digit, else a bigint. */
export type VersionNumber = number | bigint

export interface PreRelease {
  readonly letter: 'a' | 'b' | 'rc'
  readonly number: VersionNumber
}

export interface Version {
  readonly epoch: VersionNumber
  /** At least one number; zeros at the end are kept, but mean nothing in comparisons. */
  readonly release: readonly VersionNumber[]
  readonly pre?: PreRelease | undefined
  readonly post?: VersionNumber | undefined
  readonly dev?: VersionNumber | undefined
  readonly local?: readonly (VersionNumber | string)[] | undefined
}

/** Nobody writes longer ones; the limit bounds the work that hostile texts cause. */
const longestVersion = 256

const plainGrammar = /^[0-9]+(?:\.[0-9]+)*$/
const plainNormalForm = /^(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*$/

const grammar = new RegExp(
  [
    String.raw`^\s*v?(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\.[0-9]+)*)`,
    String.raw`(?:[-_.]?(?<letter>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<pre>[0-9]+)?)?`,
    String.raw`(?:-(?<barePost>[0-9]+)|[-_.]?(?<postWord>post|rev|r)[-_.]?(?<post>[0-9]+)?)?`,
    String.raw`(?:[-_.]?(?<devWord>dev)[-_.]?(?<dev>[0-9]+)?)?`,
    String.raw`(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$`,
  ].join(''),
  'i',
)

// A page names each of its versions many times, and a sort a dozen times more.
const recalled = new Map<string, Version | undefined>()
const mostRecalled = 8192

/** The version that a text spells, or undefined if PEP 440 has no reading for it. */
export function parseVersion(text: string): Version | undefined {
  if (text.length > longestVersion) return undefined
  const known = recalled.get(text)
  if (known !== undefined || recalled.has(text)) return known

  const copy = Buffer.from(text).toString() // a slice would keep the page alive that it was cut from
  const version = plainGrammar.test(copy) ? readPlain(copy) : read(copy)
  if (recalled.size >= mostRecalled) recalled.clear()
  recalled.set(copy, version)
  return version
}

/** Negative, zero or positive: the comparison key of PEP 440, from left to right. */
export function compareVersions(a: Version, b: Version): number {
  return (
    compare(a.epoch, b.epoch) ||
    compareReleases(a.release, b.release) ||
    preRank(a) - preRank(b) ||
    compare(a.pre?.number ?? 0, b.pre?.number ?? 0) ||
    compare(a.post ?? -1, b.post ?? -1) ||
    compareDevs(a.dev, b.dev) ||
    compareLocals(a.local, b.local)
  )
}

/** The normal form, by which a version is shown and compared as text. */
export function printVersion(version: Version): string {
  return print(version, version.release)
}

/** The key of a release: equal exactly for versions that compare equal. */
export function canonicalVersion(version: Version): string {
  return print(version, withoutTrailingZeros(version.release))
}

/** The normal form of a text, or undefined for a text that is no version. */
export function normalizeVersion(text: string): string | undefined {
  if (text.length <= longestVersion && plainNormalForm.test(text)) return text
  const version = parseVersion(text)
  return version && printVersion(version)
}

export function isPrerelease(version: Version): boolean {
  return version.pre !== undefined || version.dev !== undefined
}

export function isPostrelease(version: Version): boolean {
  return version.post !== undefined
}

function withoutTrailingZeros(release: Version['release']): Version['release'] {
  let end = release.length
  while (end > 1 && release[end - 1] === 0) end -= 1
  return end === release.length ? release : release.slice(0, end)
}

function read(text: string): Version | undefined {
  const parts = grammar.exec(text)?.groups
  if (parts === undefined) return undefined
  const letter = parts['letter']?.toLowerCase()
  const hasPost = parts['barePost'] !== undefined || parts['postWord'] !== undefined

  return {
    epoch: toNumber(parts['epoch']),
    release: parts['release']!.split('.').map(toNumber),
    pre:
      letter === undefined
        ? undefined
        : { letter: shortLetter(letter), number: toNumber(parts['pre']) },
    post: hasPost ? toNumber(parts['barePost'] ?? parts['post']) : undefined,
    dev: parts['devWord'] === undefined ? undefined : toNumber(parts['dev']),
    local: parts['local']?.toLowerCase().split(/[-_.]/).map(toLocalPart),
  }
}

function readPlain(text: string): Version {
  return {
    epoch: 0,
    release: text.split('.').map(toNumber),
    pre: undefined,
    post: undefined,
    dev: undefined,
    local: undefined,
  }
}

function print(version: Version, release: Version['release']): string {
  const { epoch, pre, post, dev, local } = version
  let text = release.join('.')
  if (epoch !== 0) text = `${epoch}!${text}`
  if (pre !== undefined) text += `${pre.letter}${pre.number}`
  if (post !== undefined) text += `.post${post}`
  if (dev !== undefined) text += `.dev${dev}`
  if (local !== undefined) text += `+${local.join('.')}`
  return text
}

/** So many digits always fit into a number. */
const fewDigits = 15

function toNumber(digits: string | undefined): VersionNumber {
  if (digits === undefined) return 0
  if (digits.length <= fewDigits) return Number(digits)
  const large = BigInt(digits)
  return large <= Number.MAX_SAFE_INTEGER ? Number(large) : large
}

/** The one after it. */
export const nextNumber = (number: VersionNumber): VersionNumber =>
  number < Number.MAX_SAFE_INTEGER ? Number(number) + 1 : BigInt(number) + 1n

function shortLetter(word: string): PreRelease['letter'] {
  if (word.startsWith('a')) return 'a'
  return word.startsWith('b') ? 'b' : 'rc'
}

function toLocalPart(part: string): VersionNumber | string {
  return /^[0-9]+$/.test(part) ? toNumber(part) : part
}

function compare(a: VersionNumber, b: VersionNumber): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function compareReleases(a: Version['release'], b: Version['release']): number {
  const length = Math.max(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const order = compare(a[i] ?? 0, b[i] ?? 0)
    if (order !== 0) return order
  }
  return 0
}

/** A development release of nothing but the release itself comes before its first alpha. */
function preRank({ pre, post, dev }: Version): number {
  if (pre === undefined) return post === undefined && dev !== undefined ? -1 : 3
  if (pre.letter === 'a') return 0
  return pre.letter === 'b' ? 1 : 2
}

function compareDevs(a: Version['dev'], b: Version['dev']): number {
  if (a !== undefined && b !== undefined) return compare(a, b)
  return Number(a === undefined) - Number(b === undefined)
}

function compareLocals(a: Version['local'], b: Version['local']): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined)
  for (const [i, left] of a.entries()) {
    const right = b[i]
    const order = right === undefined ? 1 : compareLocalParts(left, right)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareLocalParts(a: VersionNumber | string, b: VersionNumber | string): number {
  if (typeof a !== 'string') return typeof b === 'string' ? 1 : compare(a, b)
  if (typeof b !== 'string') return -1
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Whether a text is no pre-release: what is no version by the standard is none that was ever called one. */
export function isStable(text: string): boolean {
  const version = parseVersion(text)
  return version === undefined || !isPrerelease(version)
}
