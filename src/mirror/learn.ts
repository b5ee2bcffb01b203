/** What a file itself tells once it has been here: written into its entry where upstream left it out. */
import { isDeepStrictEqual } from 'node:util'
import type { Sha256 } from '#base/digest'
import type { Ledger } from '#ledger/ledger'
import type { FileEntry } from '#registry/files'
import { keys } from '#registry/keys'
import type { Wanted } from './download.ts'
import { ACTOR } from './stored-links.ts'

export interface Learned {
  readonly digest?: Sha256 | undefined
  readonly size?: number | undefined
  /** `false`: none can be read. */
  readonly metadata?: FileEntry['metadata']
  readonly uploadedAt?: string | undefined
  readonly requiresPython?: string | undefined
  /** The metadata was read from the whole file: it counts more than this, which was made from parts of it. */
  readonly instead?: Sha256 | undefined
}

export interface Lesson {
  readonly wanted: Wanted
  readonly learned: Learned
}

/** Nothing that upstream says is overruled, and an entry that stands for another file by now is left alone. */
export const learn = (ledger: Ledger, wanted: Wanted, learned: Learned): Promise<void> =>
  learnAll(ledger, [{ wanted, learned }])

/** All of it in one change, or in none where it is known. */
export async function learnAll(ledger: Ledger, lessons: readonly Lesson[]): Promise<void> {
  const isNews = await ledger.read(async (tx) => {
    const known = await Promise.all(lessons.map((lesson) => tx.get(keyOf(lesson))))
    return known.some((entry, position) => entry && addTo(entry, lessons[position]!.learned))
  })
  if (!isNews) return

  await ledger.write(ACTOR, async (tx) => {
    for (const lesson of lessons) {
      const { entry } = lesson.wanted
      const current = await tx.get(keyOf(lesson))
      const isSame = current?.upstream?.url === entry.upstream?.url
      const next = isSame && current && addTo(current, lesson.learned)
      if (next) tx.set(keyOf(lesson), next)
    }
  })
}

const keyOf = ({ wanted: { index, project, filename } }: Lesson) =>
  keys.file(index, project, filename)

function addTo(known: FileEntry, learned: Learned): FileEntry | undefined {
  const { digest = learned.digest, size = learned.size } = known
  if (digest !== (learned.digest ?? digest)) return undefined
  const { uploadedAt = learned.uploadedAt, requiresPython = learned.requiresPython } = known
  const metadata = metadataOf(known, learned)
  const next = {
    ...known,
    ...(digest !== undefined && { digest }),
    ...(size !== undefined && { size }),
    ...(uploadedAt !== undefined && { uploadedAt }),
    ...(requiresPython !== undefined && { requiresPython }),
    ...(metadata !== undefined && { metadata }),
  }
  return isDeepStrictEqual(next, known) ? undefined : next
}

function metadataOf({ metadata: known }: FileEntry, learned: Learned): FileEntry['metadata'] {
  const { metadata, instead } = learned
  if (typeof known === 'string') return known === instead ? metadata : known
  // Upstream may serve what is not in the file.
  return known === true && metadata === false ? known : (metadata ?? known)
}
