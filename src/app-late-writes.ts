/** What was written in a data folder after another server had taken its place: still in its ledger, or set aside. */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Config } from '#config'
import type { Serial } from '#ledger/key'
import { listSetAside, setAsideFolder } from '#replication/set-aside'
import { openStore } from './app-store.ts'

export interface LateWrite {
  readonly serial: Serial
  /** As ISO 8601 has it. */
  readonly at: string
  readonly actor: string
  readonly paths: readonly string[]
}

export interface LateWrites {
  /** Where the changes and their files are; undefined while they are in the ledger. */
  readonly folder: string | undefined
  readonly epoch: number
  readonly primaryUrl: string | undefined
  /** Undefined where it is not known which they are. */
  readonly from: Serial | undefined
  readonly missing: readonly string[]
  readonly changes: () => AsyncIterable<LateWrite>
}

/** Oldest first. Calls `work` while the folder is open. */
export async function withLateWrites<T>(
  { dir }: Config,
  work: (found: readonly LateWrites[]) => Promise<T>,
): Promise<T> {
  const apart = (await listSetAside(dir)).map((about): LateWrites => {
    const { laterEpoch: epoch, primaryUrl, from, missing } = about
    const folder = setAsideFolder(dir, about)
    return { folder, epoch, primaryUrl, from, missing, changes: () => readApart(folder) }
  })
  const store = await openStore({ dir })
  const { ledger } = store
  async function* inLedger(from: Serial | undefined): AsyncGenerator<LateWrite> {
    for (let serial = from ?? Infinity; serial <= ledger.serial; serial++) {
      const change = await ledger.change(serial)
      if (!change) return
      const paths = change.entries.map(({ path }) => path)
      yield { serial, at: new Date(change.at).toISOString(), actor: change.actor, paths }
    }
  }
  try {
    const fence = await ledger.fence()
    if (!fence || fence.lateFrom === ledger.serial + 1) return await work(apart)
    const { epoch, url: primaryUrl, lateFrom: from } = fence
    const here = { folder: undefined, epoch, primaryUrl, from, missing: [] }
    return await work([...apart, { ...here, changes: () => inLedger(from) }])
  } finally {
    await store.close()
  }
}

async function* readApart(folder: string): AsyncGenerator<LateWrite> {
  const lines = createInterface({ input: createReadStream(join(folder, 'changes.jsonl')) })
  for await (const line of lines) {
    const change = JSON.parse(line) as Omit<LateWrite, 'paths'> & {
      readonly entries: readonly { readonly path: string }[]
    }
    const { serial, at, actor, entries } = change
    yield { serial, at, actor, paths: entries.map(({ path }) => path) }
  }
}
