/** All that the folder of a devpi-server has, taken over without asking anybody; it goes on where it was broken off. */
import type { BlobStore } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import { StartRefused } from '#base/start-refused'
import { recordArrived } from './devpi/arrived.ts'
import { FileSource, NotInFolder } from './devpi/file-source.ts'
import { devpiKeys, type Coming } from './devpi/keys.ts'
import type { LocalFiles } from './devpi/local-files.ts'
import type { StretchCost } from './devpi/secret-keys.ts'
import { NotDevpi } from './devpi/values.ts'
import { Applier, DEVPI_ACTOR } from './devpi-applier.ts'
import type { DevpiHistory } from './devpi-folder.ts'
import { Problems, type Problem } from './problems.ts'

export interface TakeDevpiOrder {
  readonly history: DevpiHistory
  readonly local: LocalFiles
  readonly cost: StretchCost
  /** Told how many more of its changes, and then of its files, are here. */
  readonly onChanges: (count: number) => void
  readonly onFiles: (count: number) => void
}

export interface TakenDevpi {
  /** devpi's last one. */
  readonly serial: number
  readonly changes: number
  readonly files: number
  /** Files that the folder lacks: their entries are here. */
  readonly missing: number
  /** The first of them. */
  readonly problems: readonly Problem[]
}

/** Files that are taken at once, and entries that are read in one go. */
const WIDTH = 16
const PORTION = 1000

interface Store {
  readonly ledger: Ledger
  readonly blobs: BlobStore
}

export async function takeDevpiFolder(
  { ledger, blobs }: Store,
  { history, local, cost, onChanges, onFiles }: TakeDevpiOrder,
): Promise<TakenDevpi> {
  const followed = await ledger.read((tx) => tx.get(devpiKeys.followed()))
  if (followed && followed.uuid !== history.uuid) {
    throw new StartRefused(`${local.folder} is of another devpi-server than was followed before.`, [
      '--dir DIR, with an empty folder',
    ])
  }
  const first = (followed?.serial ?? -1) + 1
  const applier = new Applier({ ledger, cost, onApplied: () => onChanges(1) })
  try {
    for (const entries of history.entries(first)) await applier.apply(entries, history.uuid)
  } catch (cause) {
    if (!(cause instanceof NotDevpi)) throw cause
    const tries = ['devpi-export, and wheelyard admin import-devpi']
    throw new StartRefused(`${local.folder} cannot be taken over: ${cause.message}.`, tries, {
      cause,
    })
  }

  const source = new FileSource({ ledger, blobs, local })
  const signal = new AbortController().signal
  const problems = new Problems()
  let files = 0
  for (let after: string | undefined; ;) {
    const options = { limit: PORTION, ...(after !== undefined && { after }) }
    const coming = await ledger.read((tx) => tx.list(devpiKeys.allComing(), options))
    const waiting = coming.values()
    const takeSome = async (): Promise<void> => {
      for (const { name, value } of waiting) await takeOne(name, value)
    }
    await Promise.all(Array.from({ length: WIDTH }, takeSome))
    after = coming.at(-1)?.path
    if (coming.length < PORTION) break
  }
  const changes = Math.max(history.serial + 1 - first, 0)
  const { count: missing, list } = problems
  return { serial: history.serial, changes, files, missing, problems: list }

  async function takeOne(relpath: string, coming: Coming): Promise<void> {
    try {
      const arrived = await source.get(relpath, coming, { onBegun: () => {}, signal })
      await ledger.write(DEVPI_ACTOR, async (tx) => {
        if (arrived) await recordArrived(tx, relpath, arrived)
        else tx.remove(devpiKeys.coming(relpath))
      })
      if (arrived) files++
    } catch (error) {
      if (!(error instanceof NotInFolder)) throw error
      problems.add(relpath, error.message)
    }
    onFiles(1)
  }
}
