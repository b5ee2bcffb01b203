/** Which blobs the ledger names: those that files of now need, and all that any retained change mentions. */
import type { Sha256 } from '#blobs/blob-store'
import type { Ledger } from '#ledger/ledger'
import { keys } from '#registry/keys'

export interface NeededBlob {
  readonly digest: Sha256
  /** The path of the file's key. */
  readonly neededBy: string
}

/** What must be in the store: mirrored files may not have come yet, uploaded ones are here alone. */
export async function* listNeededBlobs({ ledger }: { ledger: Ledger }): AsyncIterable<NeededBlob> {
  let after: string | undefined
  do {
    const files = await ledger.read((tx) =>
      tx.list(keys.allFiles(), { limit: 1000, ...(after && { after }) }),
    )
    for (const { path, value } of files) {
      if (value.upstream) continue
      if (value.digest) yield { digest: value.digest, neededBy: path }
      if (value.attestations) yield { digest: value.attestations, neededBy: path }
    }
    after = files.at(-1)?.path
  } while (after)
}

/** Everything that looks like a digest counts, whatever it means: a sweep errs on the side of keeping. */
export async function readMentionedBlobs({ ledger }: { ledger: Ledger }): Promise<Set<string>> {
  const mentioned = new Set<string>()
  await ledger.catchUp()
  for (let serial = 0; serial <= ledger.serial; serial++) {
    const change = await ledger.change(serial)
    for (const { value } of change?.entries ?? []) {
      for (const [digest] of value?.matchAll(/[0-9a-f]{64}/g) ?? []) mentioned.add(digest)
    }
  }
  return mentioned
}
