/** A project as one line of its index: its newest release there. */
import type { ReadTransaction } from '#ledger/transaction'
import type { ProjectName } from '#python/name'
import { compareVersionTexts } from '#python/version'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import { releaseOf } from '#registry/release-links'
import type { ToxReadings, ToxState } from '#registry/tox-reading'
import type { Addresses } from '../addresses.ts'
import { listAddress, newestState } from './toxresults.ts'

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
  /** Of the newest release's files. Milliseconds. */
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
  readonly name: IndexName
  readonly project: ProjectName
  readonly tests: ToxReadings
}

export async function viewIndexProject(
  tx: ReadTransaction,
  { name: index, project, tests }: ProjectOfIndex,
  addresses: Addresses,
): Promise<ProjectLine> {
  const files = await tx.list(keys.files(index, project))
  const versions = new Set(await tx.listNames(keys.versions(index, project)))
  for (const { value } of files) versions.add(releaseOf(value))
  const version = [...versions].reduce<string | undefined>(
    (best, one) => (best !== undefined && compareVersionTexts(best, one) >= 0 ? best : one),
    undefined,
  )
  const own = files.filter(({ value }) => releaseOf(value) === version)
  const metadata =
    version === undefined ? undefined : await tx.get(keys.version(index, project, version))
  const results = await listTestsOf(
    tx,
    { index, project, tests },
    own.map(({ name }) => name),
  )
  const docs = version !== undefined && (await tx.get(keys.docs(index, project, version)))
  return {
    project,
    address: addresses.project(index, project),
    version,
    releaseAddress: version === undefined ? undefined : addresses.release(index, project, version),
    summary: typeof metadata?.['summary'] === 'string' ? metadata['summary'] : '',
    releaseCount: versions.size,
    files: own.map(({ name: filename, value: { size } }) => ({ filename, size })),
    changedAt: newestOf(own.map(({ value }) => value.addedAt)),
    docsAddress:
      docs && version !== undefined ? addresses.docs(index, project, version) : undefined,
    tests:
      results && version !== undefined
        ? {
            state: results.state,
            address: listAddress(addresses, {
              index,
              project,
              version,
              filename: results.filename,
            }),
          }
        : undefined,
  }
}

const newestOf = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : Math.max(...times)

/** What tests of a release's files found, together; the file is the first that has results. */
async function listTestsOf(
  tx: ReadTransaction,
  {
    index,
    project,
    tests,
  }: { readonly index: IndexName; readonly project: ProjectName; readonly tests: ToxReadings },
  filenames: readonly string[],
): Promise<{ readonly state: ToxState; readonly filename: string } | undefined> {
  const all = await tx.list(keys.toxresults(index, project))
  const own = all.filter(({ name }) => filenames.includes(name.slice(0, name.indexOf('/'))))
  const [first] = own
  if (!first) return undefined
  const newest = own.toSorted((a, b) => b.value.addedAt - a.value.addedAt)
  const read = await Promise.all(newest.map(({ value }) => tests.read(value.digest)))
  return {
    state: newestState(read.map((environments) => ({ environments }))),
    filename: first.name.slice(0, first.name.indexOf('/')),
  }
}
