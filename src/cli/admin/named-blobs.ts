/** Which blobs any retained change mentions. */
import type { Ledger } from '#ledger/ledger'

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
