/** What a file itself tells once it has been here: written into its entry where upstream left it out. */
import type { Ledger } from '#ledger/ledger'
import type { FileEntry } from '#registry/files'
import { keys } from '#registry/keys'
import type { Wanted } from './download.ts'
import { ACTOR } from './stored-links.ts'

export type Learned = Pick<FileEntry, 'digest' | 'size' | 'metadata'>

/** Nothing that upstream says is overruled, and an entry that stands for another file by now is left alone. */
export async function learn(
  ledger: Ledger,
  { index, project, filename, entry }: Wanted,
  learned: Learned,
): Promise<void> {
  const key = keys.file(index, project, filename)
  const known = await ledger.read((tx) => tx.get(key))
  if (!known || !addTo(known)) return

  await ledger.write(ACTOR, async (tx) => {
    const current = await tx.get(key)
    const next = current?.upstream?.url === entry.upstream?.url && current && addTo(current)
    if (next) tx.set(key, next)
  })

  function addTo(known: FileEntry): FileEntry | undefined {
    const { digest = learned.digest, size = learned.size } = known
    const metadata = typeof known.metadata === 'string' ? known.metadata : learned.metadata
    const isNew =
      digest !== known.digest ||
      size !== known.size ||
      (metadata !== undefined && metadata !== known.metadata)
    if (!isNew || digest !== (learned.digest ?? digest)) return undefined
    return {
      ...known,
      ...(digest !== undefined && { digest }),
      ...(size !== undefined && { size }),
      ...(metadata !== undefined && { metadata }),
    }
  }
}
