/** Which blobs must be in the store: those that files, documentation and results of now need. */
import type { Sha256 } from '#blobs/blob-store'
import type { KeyRange } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import type { ListedEntry } from '#ledger/transaction'
import { keys } from './keys.ts'

export interface NeededBlob {
  readonly digest: Sha256
  /** The path of the file's key. */
  readonly neededBy: string
}

/** What must be in the store: mirrored files may not have come yet, uploaded ones are here alone. */
export async function* listNeededBlobs({ ledger }: { ledger: Ledger }): AsyncIterable<NeededBlob> {
  for await (const { path, value } of listAll(ledger, keys.allFiles())) {
    if (value.upstream) continue
    if (value.digest) yield { digest: value.digest, neededBy: path }
    if (value.attestations) yield { digest: value.attestations, neededBy: path }
  }
  for (const range of [keys.allDocs(), keys.allToxresults()]) {
    for await (const { path, value } of listAll<{ digest: Sha256 }>(ledger, range)) {
      yield { digest: value.digest, neededBy: path }
    }
  }
}

async function* listAll<V>(ledger: Ledger, range: KeyRange<V>): AsyncIterable<ListedEntry<V>> {
  let after: string | undefined
  do {
    const entries = await ledger.read((tx) =>
      tx.list(range, { limit: 1000, ...(after && { after }) }),
    )
    yield* entries
    after = entries.at(-1)?.path
  } while (after)
}
