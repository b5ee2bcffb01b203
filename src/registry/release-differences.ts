/** What differs between two releases of a project, and between texts inside their files, for people who compare. */
import { diffLines, type DiffLine } from '#base/line-diff'
import { decodeText, viewLine, type TextLine } from '#base/visible-text'
import { pairFiles, type FilePair } from '#python/file-differences'
import {
  compareMetadata,
  type MetadataDifferences,
  type MetadataFields,
} from '#python/metadata-differences'
import type { ProjectName } from '#python/name'
import type { MemberLook } from './file-contents.ts'
import type { Link } from './links.ts'

/** A release as it is compared. */
export interface ComparedRelease {
  readonly version: string
  /** Undefined where it is not known here. */
  readonly metadata: MetadataFields | undefined
  readonly links: readonly Link[]
}

export interface ReleaseDifferences {
  /** Undefined where one of both is not known. */
  readonly metadata: MetadataDifferences | undefined
  /** Undefined where both are the same, or one is not known. */
  readonly description: TextDifferences | undefined
  readonly files: readonly FilePair<Link>[]
}

/** A line diff that can be shown. */
export interface TextDifferences {
  readonly hunks: readonly ShownHunk[]
  readonly added: number
  readonly removed: number
  readonly isCut: boolean
}

export interface ShownHunk {
  readonly oldStart: number
  readonly newStart: number
  readonly lines: readonly (TextLine & { readonly kind: DiffLine['kind'] })[]
}

export function compareReleases(
  project: ProjectName,
  before: ComparedRelease,
  after: ComparedRelease,
): ReleaseDifferences {
  const [old, now] = [before.metadata, after.metadata]
  const isKnown = old !== undefined && now !== undefined
  return {
    metadata: isKnown ? compareMetadata(old, now) : undefined,
    description: isKnown ? compareDescriptions(old, now) : undefined,
    files: pairFiles(project, before.links, after.links),
  }
}

function compareDescriptions(
  before: MetadataFields,
  after: MetadataFields,
): TextDifferences | undefined {
  const [old, now] = [before, after].map(({ description = '' }) => [description].flat().join('\n'))
  const differences = compareTexts(old!, now!)
  return differences.hunks.length > 0 ? differences : undefined
}

export function compareTexts(before: string, after: string): TextDifferences {
  const { hunks, ...sums } = diffLines(linesOf(before), linesOf(after))
  return {
    ...sums,
    hunks: hunks.map(({ lines, ...starts }) => ({
      ...starts,
      lines: lines.map(({ kind, text }) => ({ kind, ...viewLine(text) })),
    })),
  }
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** `binary`: at least one is no text. `isPartial`: compared as far as was looked. */
export type MemberComparison =
  | { readonly kind: 'text'; readonly differences: TextDifferences; readonly isPartial: boolean }
  | { readonly kind: 'binary'; readonly isSame: boolean }
  | { readonly kind: 'problem'; readonly problem: string }

export function compareLooks(before: MemberLook, after: MemberLook): MemberComparison {
  if ('problem' in before) return { kind: 'problem', problem: before.problem }
  if ('problem' in after) return { kind: 'problem', problem: after.problem }
  const [old, now] = [before, after].map(({ bytes, isWhole }) => decodeText(bytes, isWhole)?.text)
  if (old === undefined || now === undefined) {
    return { kind: 'binary', isSame: before.bytes.equals(after.bytes) }
  }
  const isPartial = !before.isWhole || !after.isWhole
  return { kind: 'text', differences: compareTexts(old, now), isPartial }
}
