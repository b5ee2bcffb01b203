/** The model of the template `differences`: two releases of a project, side by side. */
import type { FieldDifference, RequirementDifference } from '#python/metadata-differences'
import type { IndexName } from '#registry/indexes'
import type { Link } from '#registry/links'
import type { ReleaseDifferences, TextDifferences } from '#registry/release-differences'
import type { Addresses } from '../addresses.ts'
import type { AskedProject } from '../inside-file.ts'
import { changesAddress } from './inside.ts'

export interface DifferencesView {
  readonly project: string
  readonly index: IndexName
  readonly before: ReleaseSide
  readonly after: ReleaseSide
  /** The same, the other way round. */
  readonly swapAddress: string
  /** Where a form with `old` and `new` leads to another comparison. */
  readonly chooseAddress: string
  /** The newest first; not all where there are very many. */
  readonly versions: readonly string[]
  /** Whether the metadata of both is known. */
  readonly isMetadataKnown: boolean
  readonly fields: readonly FieldDifference[]
  readonly requirements: readonly RequirementDifference[]
  /** Undefined where both descriptions are the same, or one is not known. */
  readonly description: TextDifferences | undefined
  readonly files: readonly FilePairLine[]
}

export interface ReleaseSide {
  readonly version: string
  readonly address: string
}

export interface FilePairLine {
  /** What they are: `py3-none-any`, `.tar.gz` … */
  readonly what: string
  readonly before: FileSide | undefined
  readonly after: FileSide | undefined
  /** Bytes, where both sizes are known. */
  readonly growth: number | undefined
  /** Where their members are compared; undefined where one of both is missing. */
  readonly address: string | undefined
}

interface FileSide {
  readonly filename: string
  readonly size: number | undefined
}

export interface ComparedVersions {
  readonly before: string
  readonly after: string
  /** Newest first. */
  readonly all: readonly string[]
}

/** A list to choose from that is longer helps nobody. */
const MOST_VERSIONS = 200
/** Values of a field, and requirements. */
const MOST_VALUES = 500

export function viewDifferences(
  asked: AskedProject,
  { before, after, all }: ComparedVersions,
  found: ReleaseDifferences,
  addresses: Addresses,
): DifferencesView {
  const { index, project } = asked
  const own = changesAddress(addresses, asked, before, after)
  const side = (version: string): ReleaseSide => ({
    version,
    address: addresses.release(index, project, version),
  })
  return {
    project,
    index,
    before: side(before),
    after: side(after),
    swapAddress: changesAddress(addresses, asked, after, before),
    chooseAddress: changesAddress(addresses, asked),
    versions: [...new Set([before, after, ...all.slice(0, MOST_VERSIONS)])],
    isMetadataKnown: found.metadata !== undefined,
    fields: (found.metadata?.fields ?? []).map((field) => ({
      ...field,
      removed: field.removed.slice(0, MOST_VALUES),
      added: field.added.slice(0, MOST_VALUES),
    })),
    requirements: (found.metadata?.requirements ?? []).slice(0, MOST_VALUES),
    description: found.description,
    files: found.files.map(({ what, before: old, after: now }) => ({
      what,
      before: old && sideOf(old),
      after: now && sideOf(now),
      growth: growthOf(old, now),
      address: old && now && `${own}?${filesQuery(old.filename, now.filename)}`,
    })),
  }
}

export const filesQuery = (before: string, after: string): string =>
  `before=${encodeURIComponent(before)}&after=${encodeURIComponent(after)}`

const sideOf = ({ filename, file }: Link): FileSide => ({ filename, size: file.size })

function growthOf(before: Link | undefined, after: Link | undefined): number | undefined {
  const [old, now] = [before?.file.size, after?.file.size]
  return old === undefined || now === undefined ? undefined : now - old
}
