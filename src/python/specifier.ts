/** Version specifiers of PEP 440, as in Requires-Python: ">=3.8,<4". The answers are those of `packaging` 26. */
import {
  compareVersions,
  isPrerelease,
  nextNumber,
  parseVersion,
  printVersion,
  type Version,
} from './version.ts'

type Operator = '~=' | '==' | '!=' | '<=' | '>=' | '<' | '>'

interface VersionSpecifier {
  readonly operator: Operator
  readonly version: Version
  /** Written with `.*` at the end. */
  readonly isPrefix: boolean
}

/** `===`: the text as it stands, whatever it means. */
interface TextSpecifier {
  readonly operator: '==='
  readonly text: string
}

export type Specifier = VersionSpecifier | TextSpecifier

/** All of them must hold; an empty set takes any version. */
export type SpecifierSet = readonly Specifier[]

/** The set that a text spells, or undefined if any part of it is invalid. */
export function parseSpecifiers(text: string): SpecifierSet | undefined {
  const specifiers: Specifier[] = []
  for (const part of text.split(',')) {
    if (part.trim() === '') continue // PEP 440 has no word on stray commas; every reader skips them
    const specifier = parseSpecifier(part.trim())
    if (specifier === undefined) return undefined
    specifiers.push(specifier)
  }
  return specifiers
}

/**
 * Whether a version satisfies the set. Pre-releases do unless `prereleases` is false: a single
 * version has no final release beside it that would be preferred.
 */
export function matches(
  set: SpecifierSet,
  version: Version,
  { prereleases = true }: { readonly prereleases?: boolean } = {},
): boolean {
  if (!prereleases && isPrerelease(version)) return false
  return set.every((specifier) => satisfies(version, specifier))
}

function parseSpecifier(text: string): Specifier | undefined {
  const [, operator, rest] = /^(===|~=|==|!=|<=|>=|<|>)\s*(.*)$/s.exec(text) ?? []
  if (operator === undefined || rest === undefined || /\s/.test(rest)) return undefined
  if (operator === '===') {
    return /[;)]/.test(rest) ? undefined : { operator, text: rest.toLowerCase() }
  }

  const isPrefix = rest.endsWith('.*')
  const version = parseVersion(isPrefix ? rest.slice(0, -2) : rest)
  if (version === undefined) return undefined

  const specifier = { operator: operator as Operator, version, isPrefix }
  return isAllowed(specifier) ? specifier : undefined
}

function isAllowed({ operator, version, isPrefix }: VersionSpecifier): boolean {
  const isEquality = operator === '==' || operator === '!='
  if (isPrefix) return isEquality && isOnlyRelease(version)
  if (version.local !== undefined) return isEquality
  return operator !== '~=' || version.release.length > 1
}

function isOnlyRelease({ pre, post, dev, local }: Version): boolean {
  return pre === undefined && post === undefined && dev === undefined && local === undefined
}

function satisfies(version: Version, specifier: Specifier): boolean {
  if (specifier.operator === '===') return printVersion(version) === specifier.text
  if (specifier.isPrefix) {
    return isWithinPrefix(version, specifier.version) === (specifier.operator === '==')
  }

  const { version: bound } = specifier
  switch (specifier.operator) {
    case '==':
      return isEqual(version, bound)
    case '!=':
      return !isEqual(version, bound)
    case '<=':
      return compareVersions(withoutLocal(version), bound) <= 0
    case '>=':
      return compareVersions(version, bound) >= 0
    case '<':
      return isBelow(version, bound)
    case '>':
      return isAbove(version, bound)
    case '~=':
      return isCompatible(version, bound)
  }
}

/** A specifier without local part takes any local part. */
function isEqual(version: Version, bound: Version): boolean {
  const compared = bound.local === undefined ? withoutLocal(version) : version
  return compareVersions(compared, bound) === 0
}

/** Pre-releases of the bound are not below it, unless it is one itself. */
function isBelow(version: Version, bound: Version): boolean {
  const limit = isPrerelease(bound) ? bound : { ...bound, dev: 0 }
  return compareVersions(version, limit) < 0
}

/** Post-releases of the bound are not above it, unless it is one itself; its local versions never. */
function isAbove(version: Version, bound: Version): boolean {
  const stem = { ...version, post: undefined, dev: undefined, local: undefined }
  return compareVersions(withoutLocal(version), bound) > 0 && compareVersions(stem, bound) !== 0
}

function isCompatible(version: Version, bound: Version): boolean {
  const prefix = { ...bound, release: bound.release.slice(0, -1) }
  return compareVersions(version, bound) >= 0 && compareVersions(version, afterPrefix(prefix)) < 0
}

function isWithinPrefix(version: Version, prefix: Version): boolean {
  const first = { ...prefix, dev: 0 }
  return compareVersions(version, first) >= 0 && compareVersions(version, afterPrefix(prefix)) < 0
}

/** The first version that no longer begins with the release given: 1.3.dev0 after 1.2. */
function afterPrefix({ epoch, release }: Version): Version {
  return { epoch, release: [...release.slice(0, -1), nextNumber(release.at(-1)!)], dev: 0 }
}

function withoutLocal(version: Version): Version {
  return version.local === undefined ? version : { ...version, local: undefined }
}
