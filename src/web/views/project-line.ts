/** A project as one line of its index: its newest release there. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { compareVersionTexts } from '#python/version-order'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { releaseOf } from '#registry/release-links'
import type { ToxReadings, ToxState } from '#registry/tox-reading'
import type { Addresses } from '../addresses.ts'
import type { ProjectContents } from './index-contents.ts'
import { listAddress, newestState, type TestedFile } from './toxresults.ts'

export interface ProjectLine {
  readonly project: ProjectName
  readonly address: string
  /** The newest on this index, pre-releases included; undefined where it has none. */
  readonly version: string | undefined
  readonly releaseAddress: string | undefined
  readonly summary: string
  readonly releaseCount: number
  /** Files of the newest release. */
  readonly files: readonly FileNote[]
  /** When files of the newest release came here last, or to upstream. Milliseconds. */
  readonly changedAt: number | undefined
  /** Documentation of the newest release. */
  readonly docsAddress: string | undefined
  /** Of the newest release's files: undefined where nobody has sent results. */
  readonly tests: { readonly state: ToxState; readonly address: string } | undefined
}

export interface FileNote {
  readonly filename: string
  readonly size: number | undefined
}

export interface ProjectOfIndex {
  readonly index: IndexName
  readonly project: ProjectName
  readonly contents: ProjectContents
  readonly tests: ToxReadings
}

/** Of which no release is here. */
export const bareLine = (
  index: IndexName,
  project: ProjectName,
  addresses: Addresses,
): ProjectLine => ({
  project,
  address: addresses.project(index, project),
  version: undefined,
  releaseAddress: undefined,
  summary: '',
  releaseCount: 0,
  files: [],
  changedAt: undefined,
  docsAddress: undefined,
  tests: undefined,
})

export async function viewProjectLine(
  tx: ReadTransaction,
  { index, project, contents, tests }: ProjectOfIndex,
  addresses: Addresses,
): Promise<ProjectLine> {
  const versions = new Set(contents.versions)
  for (const { value } of contents.files) versions.add(releaseOf(value))
  const bare = bareLine(index, project, addresses)
  const version = newestOf(versions)
  if (version === undefined) return bare

  const files = contents.files.filter(({ value }) => releaseOf(value) === version)
  const { summary } = (await tx.get(keys.version(index, project, version))) ?? {}
  const release = { index, project, version }
  const filenames = new Set(files.map(({ name }) => name))
  return {
    ...bare,
    version,
    releaseAddress: addresses.release(index, project, version),
    summary: typeof summary === 'string' ? summary : '',
    releaseCount: versions.size,
    files: files.map(({ name: filename, value: { size } }) => ({ filename, size })),
    changedAt: files.length === 0 ? undefined : Math.max(...files.map((one) => one.value.addedAt)),
    docsAddress: contents.docs.includes(version)
      ? addresses.docs(index, project, version)
      : undefined,
    tests: await readTests(
      tests,
      contents.tests.filter(({ name }) => filenames.has(fileOf(name))),
      (filename) => listAddress(addresses, { ...release, filename } satisfies TestedFile),
    ),
  }
}

const newestOf = (versions: ReadonlySet<string>): string | undefined =>
  [...versions].reduce<string | undefined>(
    (best, one) => (best !== undefined && compareVersionTexts(best, one) >= 0 ? best : one),
    undefined,
  )

const fileOf = (name: string): string => name.slice(0, name.indexOf('/'))

/** What tests of a release's files found, together; the address is that of the first that has results. */
async function readTests(
  tests: ToxReadings,
  results: ProjectContents['tests'],
  addressOf: (filename: string) => string,
): Promise<ProjectLine['tests']> {
  const [first] = results
  if (!first) return undefined
  const newest = results.toSorted((a, b) => b.value.addedAt - a.value.addedAt)
  const read = await Promise.all(newest.map(({ value }) => tests.read(value.digest)))
  const state = newestState(read.map((environments) => ({ environments })))
  return { state, address: addressOf(fileOf(first.name)) }
}
