/** What the name of a distribution file says: wheels and sdists, and whatever else upstreams list. */
import { legacyStem, splitExtension, type PackageType } from './legacy-filename.ts'
import { isValidName, normalizeLoosely, normalizeName, type ProjectName } from './name.ts'
import { parseVersion, printVersion, type Version } from './version.ts'

export interface SdistName {
  readonly name: ProjectName
  /** The name as the file spells it. */
  readonly nameText: string
  readonly version: Version
  /** The version as the file spells it. */
  readonly versionText: string
}

export interface BuildTag {
  readonly number: bigint
  readonly tag: string
}

/** Compressed tag sets: the wheel carries every combination. */
export interface WheelTags {
  readonly python: readonly string[]
  readonly abi: readonly string[]
  readonly platform: readonly string[]
}

export interface WheelName extends SdistName {
  readonly build?: BuildTag | undefined
  readonly tags: WheelTags
}

/** Legacy files may lack everything but their kind; a version that PEP 440 refuses is text only. */
export interface FileName {
  readonly kind: 'wheel' | 'sdist' | 'legacy'
  readonly name?: ProjectName | undefined
  readonly versionText?: string | undefined
  readonly version?: Version | undefined
}

/** Twice what a file system takes; the limit bounds the work that hostile pages cause. */
const longestFilename = 512
const strayAnywhere = /[/\\\p{Cc}\p{Cs}]/u
const strayInModern = /[/\\\s\p{Cc}\p{Cs}]/u

/** A file that belongs to a project of many separators needs no more lookups than this. */
const mostCandidates = 40

/** A wheel's name by the wheel standard: stricter than old tools, so that pip and uv agree with us. */
export function parseWheelFilename(filename: string): WheelName | undefined {
  if (!filename.endsWith('.whl') || !isPlausible(filename, strayInModern)) return undefined
  const parts = filename.slice(0, -'.whl'.length).split('-')
  if (parts.length !== 5 && parts.length !== 6) return undefined

  const nameText = parts[0]!
  const versionText = parts[1]!
  const version = parseVersion(versionText)
  const tags = parseTags(parts.slice(-3))
  if (nameText.includes('__') || !isValidName(nameText)) return undefined
  if (version === undefined || tags === undefined) return undefined

  const stem = { name: normalizeName(nameText), nameText, version, versionText }
  if (parts.length === 5) return { ...stem, tags }
  const build = parseBuild(parts[2]!)
  return build && { ...stem, build, tags }
}

/** The number of single tags that a wheel's compressed tag sets stand for. */
export function countTags({ python, abi, platform }: WheelTags): number {
  return python.length * abi.length * platform.length
}

/**
 * An sdist's name, split at the last dash. Where the project is known, a split whose left part is
 * that project goes first: foo-1.0-1.tar.gz is post-release 1 of foo's 1.0, not version 1 of foo-1.0.
 */
export function parseSdistFilename(filename: string, project?: ProjectName): SdistName | undefined {
  const [extension] = /\.tar\.gz$|\.zip$/.exec(filename) ?? []
  if (extension === undefined || !isPlausible(filename, strayInModern)) return undefined
  const stem = filename.slice(0, -extension.length)

  if (project !== undefined) {
    for (const dash of dashes(stem)) {
      const split = splitSdist(stem, dash)
      if (split?.name === project) return split
    }
  }
  return splitSdist(stem, stem.lastIndexOf('-'))
}

/** Undefined for what is no distribution at all: signatures, metadata files, pages. */
export function parseFilename(filename: string, project?: ProjectName): FileName | undefined {
  const wheel = parseWheelFilename(filename)
  if (wheel) return { kind: 'wheel', ...shared(wheel) }
  const sdist = parseSdistFilename(filename, project)
  if (sdist && (project === undefined || sdist.name === project)) {
    return { kind: 'sdist', ...shared(sdist) }
  }

  const stem = isPlausible(filename) ? legacyStem(filename) : undefined
  if (stem === undefined) return undefined
  const legacy = splitLegacy(stem, project)
  if (sdist && legacy?.name !== project) return { kind: 'sdist', ...shared(sdist) }
  return { kind: 'legacy', ...legacy }
}

/** The `packagetype` of a file as PyPI's and devpi's JSON have it; undefined for no distribution. */
export function packageType(filename: string): PackageType | undefined {
  return splitExtension(filename)?.type
}

/**
 * The projects that a file may belong to, judged by its name alone, longest first: the one of a
 * wheel, else the text before each separator, since nothing says which one begins the version.
 */
export function candidateProjects(filename: string): ProjectName[] {
  const wheel = parseWheelFilename(filename)
  if (wheel) return [wheel.name]

  const stem = splitExtension(filename)?.stem ?? filename
  const words = stem.split(/[^A-Za-z0-9]+/, mostCandidates + 1).filter((word) => word !== '')
  const longest = Math.min(words.length, mostCandidates)
  const names = Array.from({ length: longest }, (_, i) => words.slice(0, longest - i).join('-'))
  return names.map(normalizeLoosely)
}

/** The version of a file on a project's page, for `versions` of PEP 700: in normal form, or as it stands if legacy. */
export function distributionVersion(filename: string, project: ProjectName): string | undefined {
  const file = parseFilename(filename, project)
  if (file?.name !== project) return undefined
  return file.version ? printVersion(file.version) : file.versionText
}

/** What could be a path, breaks a line or is half a character is no file name. Only legacy names may hold spaces. */
function isPlausible(filename: string, stray = strayAnywhere): boolean {
  return filename.length <= longestFilename && !stray.test(filename)
}

function parseBuild(text: string): BuildTag | undefined {
  const [, digits, tag] = /^([0-9]+)(.*)$/.exec(text) ?? []
  return digits === undefined ? undefined : { number: BigInt(digits), tag: tag! }
}

function parseTags(texts: readonly string[]): WheelTags | undefined {
  const [python, abi, platform] = texts.map((text) => text.split('.'))
  if (!python || !abi || !platform) return undefined
  if (!python.every((tag) => /^[A-Za-z_]\w*$/.test(tag))) return undefined
  return [...abi, ...platform].every((tag) => /^\w+$/.test(tag))
    ? { python, abi, platform }
    : undefined
}

function splitSdist(stem: string, dash: number): SdistName | undefined {
  const nameText = stem.slice(0, Math.max(dash, 0))
  const versionText = stem.slice(dash + 1)
  if (!isValidName(nameText)) return undefined

  const version = parseVersion(versionText)
  return version && { name: normalizeName(nameText), nameText, version, versionText }
}

/** Splits at the separator that ends the project's name; else at the last dash before a version. */
function splitLegacy(stem: string, project?: ProjectName): Omit<FileName, 'kind'> | undefined {
  const cuts = dashes(stem)
  const ofProject = cuts.find((dash) => normalizeName(stem.slice(0, dash)) === project)
  const cut = ofProject ?? cuts.findLast((dash) => parseVersion(stem.slice(dash + 1)) !== undefined)
  if (cut === undefined || !isValidName(stem.slice(0, cut))) return undefined

  const versionText = stem.slice(cut + 1)
  return {
    name: normalizeName(stem.slice(0, cut)),
    versionText,
    version: parseVersion(versionText),
  }
}

function dashes(stem: string): number[] {
  return [...stem.matchAll(/-/g)].map((match) => match.index)
}

function shared({ name, versionText, version }: SdistName): Omit<FileName, 'kind'> {
  return { name, versionText, version }
}
