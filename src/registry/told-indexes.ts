/** Which indexes a file's history may name: releases are pushed from indexes that not everybody may read. */
import type { Identity } from '#base/identity'
import type { ReadTransaction } from '#ledger/transaction'
import { eachInTurn } from '#python/steps'
import type { LogEntry } from './files.ts'
import type { IndexName } from './indexes.ts'
import type { MayRead, Reading } from './reading.ts'
import type { ReleaseLink } from './release-links.ts'
import { withLinks, type ReleaseView } from './release-views.ts'

type Logs = readonly (readonly LogEntry[] | undefined)[]

export interface Telling {
  readonly reading: Reading
  readonly who: Identity
  /** Those that are read anyway. */
  readonly known: readonly IndexName[]
}

/** Undefined: all of them. Asks for rights, and makes a page depend on them, only where other indexes are named. */
export async function indexesTold(
  tx: ReadTransaction,
  logs: Logs,
  { reading, who, known }: Telling,
): Promise<MayRead | undefined> {
  const isOther = (name: string | undefined): boolean => name !== undefined && !known.includes(name)
  const namesOthers = logs.some((log) => log?.some(({ src, dst }) => isOther(src) || isOther(dst)))
  const mayRead = namesOthers ? await reading.seenBy(who, tx) : undefined
  return mayRead && ((name) => known.includes(name) || mayRead(name))
}

/** A step of a history without the indexes that may not be named. */
export function toldEntry(entry: LogEntry, mayName: MayRead | undefined): LogEntry {
  if (!mayName) return entry
  const { src, dst, ...rest } = entry
  const isTold = (name: string | undefined): boolean => name !== undefined && mayName(name)
  return { ...rest, ...(isTold(src) && { src }), ...(isTold(dst) && { dst }) }
}

/** Releases whose histories name only what may be named. */
export async function withToldLogs(
  tx: ReadTransaction,
  releases: Map<string, ReleaseView>,
  telling: Telling,
): Promise<Map<string, ReleaseView>> {
  const logs: (readonly LogEntry[] | undefined)[] = []
  await eachInTurn(releases.values(), (view) => {
    for (const { links = [] } of [view, ...view.shadowing]) {
      for (const { log } of links) if (log) logs.push(log)
    }
  })
  const mayName = await indexesTold(tx, logs, telling)
  if (!mayName) return releases
  return withLinks(releases, (link): ReleaseLink => {
    const { log } = link
    return log ? { ...link, log: log.map((entry) => toldEntry(entry, mayName)) } : link
  })
}
