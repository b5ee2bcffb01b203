/** What a constraints, requirements or lock file names: versions of projects, with the hashes of their files. */
import { LRUCache } from 'lru-cache'
import { sha256 } from '#base/digest'
import { lockFileSteps, UnreadableLock, type LockedPackage } from '#python/lock-file'
import type { ProjectName } from '#python/name'
import { requirementSteps, type Requirement } from '#python/requirements'
import { matches } from '#python/specifier'
import type { Steps } from '#python/steps'
import { canonicalVersion, parseVersion } from '#python/version'
import type { OfferedLink } from '#plugins/plugin'

/** Why a file of a project is not among those that are named; undefined for one that is. */
export type NameCheck = (file: OfferedLink['file']) => string | undefined

/** By project. */
export type NamedReleases = ReadonlyMap<ProjectName, NameCheck>

/** A lock file of thousands of packages takes a while: those of the last indexes that were set or asked stay. */
const known = new LRUCache<string, NamedReleases | { readonly problem: string }>({ max: 20 })

/** As a text, what is wrong with it, and where. In steps, unless it was read before. */
export function* readNamedReleases(text: string): Steps<NamedReleases | string> {
  const key = sha256(text)
  const before = known.get(key)
  const read = before ?? (yield* readAnew(text))
  if (!before) known.set(key, read)
  return 'problem' in read ? read.problem : read
}

const LOCK = /^(?:lock-version\s*=|\[\[packages?\]\])/m
/** Everybody waits while a text is read: the largest real ones have a fifth of this. */
const MOST_LINES = 100_000
const MOST_NAMED = 20_000
/** Keys of keys of keys, which take long to read and mean nothing. */
const DEEP = /(?:\.[\w-]+){50}/

function* readAnew(text: string): Steps<NamedReleases | { readonly problem: string }> {
  const isLock = LOCK.test(text)
  const problem = findExcess(text, isLock)
  if (problem !== undefined) return { problem }
  if (!isLock) return yield* readRequirements(text)
  try {
    const { packages } = yield* lockFileSteps('', text)
    if (packages.length === 0) return { problem: 'line 1: it names no package' }
    const byProject = Map.groupBy(packages, ({ name }) => name)
    return new Map([...byProject].map(([project, locked]) => [project, checkLocked(locked)]))
  } catch (error) {
    if (error instanceof UnreadableLock) return { problem: error.message }
    throw error
  }
}

function findExcess(text: string, isLock: boolean): string | undefined {
  if (text.split(/\r\n|\r|\n/, MOST_LINES + 1).length > MOST_LINES) {
    return `line ${MOST_LINES}: more lines than that are not read`
  }
  let named = 0
  for (const { index } of text.matchAll(isLock ? /^\[\[/gm : /^[A-Za-z0-9]/gm)) {
    if (++named <= MOST_NAMED) continue
    return `line ${lineAt(text, index)}: it names more than ${MOST_NAMED} releases`
  }
  const deep = isLock ? DEEP.exec(text) : null
  return deep ? `line ${lineAt(text, deep.index)}: a name has too many parts` : undefined
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split(/\r\n|\r|\n/).length

function* readRequirements(text: string): Steps<NamedReleases | { readonly problem: string }> {
  const parsed = yield* requirementSteps(text)
  if ('problem' in parsed) return { problem: `line ${parsed.line}: ${parsed.problem}` }
  if (parsed.length === 0) return { problem: 'line 1: it names no release' }
  const byProject = Map.groupBy(parsed, ({ project }) => project)
  return new Map([...byProject].map(([project, own]) => [project, checkRequired(own)]))
}

/** As with pip's -c: all that is said of a project must hold. */
function checkRequired(own: readonly Requirement[]): NameCheck {
  return (file) => {
    const version = parseVersion(file.version)
    const isNamed = own.every(
      ({ specifiers }) =>
        specifiers.length === 0 || (version !== undefined && matches(specifiers, version)),
    )
    if (!isNamed) return `constraints does not name ${file.version}`
    const digest = file.digest ?? file.hashes.sha256
    const isRight = own.every(
      ({ hashes }) => !hashes || (digest !== undefined && hashes.has(digest)),
    )
    return isRight ? undefined : OTHER_HASHES
  }
}

/** A lock file may have several versions of a project, for different machines. Each of its files has hashes. */
function checkLocked(locked: readonly LockedPackage[]): NameCheck {
  const files = locked.flatMap((one) => one.files)
  if (files.length === 0) return () => 'constraints takes it from elsewhere than an index'
  const versions = new Set(files.map(({ version }) => version && canonical(version)))
  const hashes = new Set(files.flatMap((file) => strongHashes(file.hashes)))
  return ({ version, digest, hashes: listed }) => {
    // Where an address alone is locked, its hash says all.
    if (!versions.has(undefined) && !versions.has(canonical(version))) {
      return `constraints does not name ${version}`
    }
    const own = strongHashes(digest === undefined ? listed : { ...listed, sha256: digest })
    return own.some((hash) => hashes.has(hash)) ? undefined : OTHER_HASHES
  }
}

const OTHER_HASHES = 'constraints has other hashes'

/** Two files may be made to share a weaker one. */
const STRONG = new Set(['sha256', 'sha384', 'sha512', 'blake2b'])

const strongHashes = (hashes: Readonly<Record<string, string>>): string[] =>
  Object.entries(hashes).flatMap(([name, hex]) => (STRONG.has(name) ? [`${name}=${hex}`] : []))

function canonical(text: string): string {
  const version = parseVersion(text)
  return version ? canonicalVersion(version) : text
}
