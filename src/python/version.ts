/** PEP 440 versions: parse, print, order. Numbers have no limit, hence bigint. */

export interface PreRelease {
  readonly letter: 'a' | 'b' | 'rc'
  readonly number: bigint
}

export interface Version {
  readonly epoch: bigint
  /** At least one number; zeros at the end are kept, but mean nothing in comparisons. */
  readonly release: readonly bigint[]
  readonly pre?: PreRelease | undefined
  readonly post?: bigint | undefined
  readonly dev?: bigint | undefined
  readonly local?: readonly (bigint | string)[] | undefined
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
    compare(a.pre?.number ?? 0n, b.pre?.number ?? 0n) ||
    compare(a.post ?? -1n, b.post ?? -1n) ||
    compareDevs(a.dev, b.dev) ||
    compareLocals(a.local, b.local)
  )
}

/** Orders texts as versions. Legacy texts come before all valid ones, in the order of code points. */
export function compareVersionTexts(a: string, b: string): number {
  const left = parseVersion(a)
  const right = parseVersion(b)
  if (left && right) return compareVersions(left, right)
  if (left || right) return left ? 1 : -1
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
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

function withoutTrailingZeros(release: readonly bigint[]): readonly bigint[] {
  let end = release.length
  while (end > 1 && release[end - 1] === 0n) end -= 1
  return end === release.length ? release : release.slice(0, end)
}

function read(text: string): Version | undefined {
  const parts = grammar.exec(text)?.groups
  if (parts === undefined) return undefined
  const letter = parts['letter']?.toLowerCase()
  const hasPost = parts['barePost'] !== undefined || parts['postWord'] !== undefined

  return {
    epoch: toNumber(parts['epoch']),
    release: parts['release']!.split('.').map(BigInt),
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
    epoch: 0n,
    release: text.split('.').map(BigInt),
    pre: undefined,
    post: undefined,
    dev: undefined,
    local: undefined,
  }
}

function print(version: Version, release: readonly bigint[]): string {
  const { epoch, pre, post, dev, local } = version
  let text = release.join('.')
  if (epoch !== 0n) text = `${epoch}!${text}`
  if (pre !== undefined) text += `${pre.letter}${pre.number}`
  if (post !== undefined) text += `.post${post}`
  if (dev !== undefined) text += `.dev${dev}`
  if (local !== undefined) text += `+${local.join('.')}`
  return text
}

function toNumber(digits: string | undefined): bigint {
  return digits === undefined ? 0n : BigInt(digits)
}

function shortLetter(word: string): PreRelease['letter'] {
  if (word.startsWith('a')) return 'a'
  return word.startsWith('b') ? 'b' : 'rc'
}

function toLocalPart(part: string): bigint | string {
  return /^[0-9]+$/.test(part) ? BigInt(part) : part
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function compareReleases(a: readonly bigint[], b: readonly bigint[]): number {
  const length = Math.max(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const order = compare(a[i] ?? 0n, b[i] ?? 0n)
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

function compareDevs(a: bigint | undefined, b: bigint | undefined): number {
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

function compareLocalParts(a: bigint | string, b: bigint | string): number {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? compare(a, b) : 1
  if (typeof b === 'bigint') return -1
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Whether a text is no pre-release: what is no version by the standard is none that was ever called one. */
export function isStable(text: string): boolean {
  const version = parseVersion(text)
  return version === undefined || !isPrerelease(version)
}
