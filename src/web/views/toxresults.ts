/** The models of the templates `toxresults` and `toxresult`: results of tests of a file. */
import { refuse } from '#base/refusal'
import type { ReadTransaction } from '#ledger/transaction'
import type { FilePlace } from '#registry/keys'
import { keys } from '#registry/keys'
import {
  stateOf,
  type ToxEnvironment,
  type ToxReadings,
  type ToxState,
} from '#registry/tox-reading'
import type { Addresses } from '../addresses.ts'

export interface ToxresultsView {
  readonly filename: string
  readonly releaseAddress: string
  /** Newest first. */
  readonly results: readonly ToxresultLine[]
  /** Of the newest results, one for each host, platform and environment. */
  readonly state: ToxState
}

export interface ToxresultLine {
  readonly name: string
  readonly address: string
  /** Milliseconds. */
  readonly at: number
  readonly environments: readonly ToxEnvironment[]
}

export interface ToxresultView {
  readonly filename: string
  readonly listAddress: string
  readonly result: ToxresultLine
}

export interface TestedFile extends FilePlace {
  readonly version: string
}

/** What tests of a file found, newest first. Refuses a file that is not there. */
export async function listResults(
  tx: ReadTransaction,
  readings: ToxReadings,
  file: TestedFile,
  addresses: Addresses,
): Promise<ToxresultLine[]> {
  const entry = await tx.get(keys.file(file.index, file.project, file.filename))
  if (!entry) throw refuse('file-missing')
  const results = await tx.list(keys.toxresultsOfFile(file))
  const lines: ToxresultLine[] = []
  for (const { name, value } of results) {
    const address = `${listAddress(addresses, file)}/${encodeURIComponent(name)}`
    lines.push({
      name,
      address,
      at: value.addedAt,
      environments: await readings.read(value.digest),
    })
  }
  return lines.sort((a, b) => b.at - a.at || byName(b, a))
}

export const listAddress = (addresses: Addresses, file: TestedFile): string =>
  `${addresses.release(file.index, file.project, file.version)}/+toxresults/${encodeURIComponent(file.filename)}`

/** The state of the newest result of each host, platform and environment. */
export function newestState(lines: readonly Pick<ToxresultLine, 'environments'>[]): ToxState {
  const newest = new Map<string, ToxEnvironment>()
  for (const environment of lines.flatMap(({ environments }) => environments)) {
    const { host, platform, name } = environment
    const key = JSON.stringify([host, platform, name])
    if (!newest.has(key)) newest.set(key, environment)
  }
  return stateOf([...newest.values()])
}

const { compare } = new Intl.Collator('en', { numeric: true })
const byName = (a: ToxresultLine, b: ToxresultLine): number => compare(a.name, b.name)
