/** Texts in the order of the versions that they spell. Those that spell none come first, in the order of code points. */
import { inPortions, sortInSteps, type Steps } from './steps.ts'
import { compareVersions, parseVersion, type Version } from './version.ts'

/** A text, with what is to be read of it only once, however often it is compared. */
export interface VersionText {
  readonly text: string
  /** Undefined: PEP 440 has no reading for it. */
  readonly version: Version | undefined
}

export const readVersion = (text: string): VersionText => ({ text, version: parseVersion(text) })

export function compareVersionTexts(a: string, b: string): number {
  return compareRead(readVersion(a), readVersion(b))
}

/** The same for texts that have been read. */
export function compareRead(a: VersionText, b: VersionText): number {
  if (a.version && b.version) return compareVersions(a.version, b.version)
  if (a.version || b.version) return a.version ? 1 : -1
  return Buffer.compare(Buffer.from(a.text), Buffer.from(b.text))
}

/** The oldest first; what is equal stays as it came. */
export function* sortByVersion<T>(items: Iterable<T>, versionOf: (item: T) => string): Steps<T[]> {
  const read: { readonly item: T; readonly version: VersionText }[] = []
  for (const portion of inPortions(items)) {
    for (const item of portion) read.push({ item, version: readVersion(versionOf(item)) })
    yield
  }
  const sorted = yield* sortInSteps(read, (a, b) => compareRead(a.version, b.version))
  return sorted.map(({ item }) => item)
}
