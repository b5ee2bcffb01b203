/** What is here of an earlier export and is no more in the one that was imported last. */
import type { KeyRange } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import { finishRemoval, removeIndexes } from '#registry/index-removal'
import type { IndexEntry } from '#registry/indexes'
import { keys } from '#registry/keys'
import { ROOT } from '#registry/set-up'

export interface Pruned {
  readonly users: number
  readonly indexes: number
  /** Projects, releases, files, documentation and results. */
  readonly entries: number
}

interface Kept {
  readonly survey: {
    readonly users: ReadonlyMap<string, unknown>
    readonly indexes: ReadonlyMap<string, IndexEntry>
  }
  /** Paths of keys. */
  readonly seen: ReadonlySet<string>
  readonly actor: string
}

const PORTION = 1000

export async function prune(ledger: Ledger, { survey, seen, actor }: Kept): Promise<Pruned> {
  const indexes = await removeOthers(ledger, survey.indexes, actor)
  let entries = 0
  for (const [index, { type }] of survey.indexes) {
    // What a mirror knows it has from upstream, too.
    if (type === 'mirror') continue
    for (const range of rangesOf(index)) entries += await removeUnseen(ledger, range, seen, actor)
  }
  const users = await ledger.write(actor, async (tx) => {
    const names = await tx.listNames(keys.users())
    const gone = names.filter((name) => name !== ROOT && !survey.users.has(name))
    for (const name of gone) tx.remove(keys.user(name))
    return gone.length
  })
  return { users, indexes, entries }
}

async function removeOthers(
  ledger: Ledger,
  kept: ReadonlyMap<string, unknown>,
  actor: string,
): Promise<number> {
  const names = await ledger.read((tx) => tx.listNames(keys.indexes()))
  const gone = names.filter((name) => !kept.has(name))
  if (gone.length > 0) await ledger.write(actor, (tx) => removeIndexes(tx, gone))
  for (const name of gone) await finishRemoval(ledger, name, actor)
  return gone.length
}

const rangesOf = (index: string): KeyRange<unknown>[] => [
  keys.toxresultsOfIndex(index),
  keys.docsOfIndex(index),
  keys.filesOfIndex(index),
  keys.versionsOfIndex(index),
  keys.projects(index),
]

async function removeUnseen(
  ledger: Ledger,
  range: KeyRange<unknown>,
  seen: ReadonlySet<string>,
  actor: string,
): Promise<number> {
  let removed = 0
  let after: string | undefined
  do {
    const names = await ledger.read((tx) =>
      tx.listNames(range, { limit: PORTION, ...(after !== undefined && { after }) }),
    )
    const paths = names.map((name) => range.prefix + name)
    const gone = paths.filter((path) => !seen.has(path))
    if (gone.length > 0) {
      await ledger.write(actor, async (tx) => {
        for (const path of gone) tx.remove({ path })
        await Promise.resolve()
      })
    }
    removed += gone.length
    after = paths.at(-1)
  } while (after !== undefined)
  return removed
}
