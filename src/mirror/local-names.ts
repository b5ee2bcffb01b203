/** The names of a mirror that are known without upstream's list: the projects that somebody asked for. */
import type { Ledger } from '#ledger/ledger'
import type { Serial } from '#ledger/key'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'
import type { NameList } from './name-file.ts'

const BATCH = 4096

/** As they stand at one serial. */
export async function listLocalNames(ledger: Ledger, index: IndexName): Promise<NameList> {
  const serial = await ledger.read(async (tx) => tx.serial)
  let count = 0
  for await (const names of batchesAt(ledger, index, serial)) count += names.length
  return {
    etag: `serial-${serial}`,
    count,
    has: (name) =>
      ledger.readAt(serial, async (tx) => (await tx.get(keys.project(index, name))) !== undefined),
    batches: () => batchesAt(ledger, index, serial),
  }
}

async function* batchesAt(
  ledger: Ledger,
  index: IndexName,
  serial: Serial,
): AsyncGenerator<string[]> {
  const range = keys.projects(index)
  let after: string | undefined
  for (;;) {
    const page = after === undefined ? { limit: BATCH } : { after, limit: BATCH }
    const names = await ledger.readAt(serial, (tx) => tx.listNames(range, page))
    if (names.length > 0) yield names
    if (names.length < BATCH) return
    after = `${range.prefix}${names.at(-1)}`
  }
}
