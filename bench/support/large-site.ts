/** A site in which something of everything is very large, beside things that are small. */
import { createHash } from 'node:crypto'
import { openStore } from '../../src/app-store.ts'
import { keys } from '../../src/registry/keys.ts'
import { completeMetadata } from '../../src/registry/releases.ts'

export interface Sizes {
  /** Files of the project `ada/files/big`. */
  readonly files: number
  /** Projects of the index `ada/projects`. */
  readonly projects: number
  /** Names on the upstream of `ada/mirror`. */
  readonly names: number
  /** Indexes of the user `eve`. */
  readonly indexes: number
}

export const large: Sizes = { files: 20_000, projects: 100_000, names: 700_000, indexes: 1000 }
export const small: Sizes = { files: 20, projects: 20, names: 20, indexes: 20 }

export const siteStages = ['ada/files', 'ada/projects', 'eve/first']

const AT_ONCE = 2000

/** Straight into the store, of a server that does not run: uploads are measured elsewhere. */
export async function fillSite(dir: string, sizes: Sizes): Promise<void> {
  const store = await openStore({ dir })
  const { ledger } = store
  const index = await ledger.read((tx) => tx.get(keys.index('eve/first')))
  if (!index) throw new Error('there is no index eve/first')
  await inPortions(sizes.indexes, (tx, at) => tx.set(keys.index(`eve/index-${at}`), index))
  await inPortions(sizes.projects, (tx, at) => {
    const name = `project-${at}`
    tx.set(keys.project('ada/projects', name), { name })
    tx.set(keys.version('ada/projects', name, '1.0'), completeMetadata({ name, version: '1.0' }))
  })
  await ledger.write('bench', async (tx) =>
    tx.set(keys.project('ada/files', 'big'), { name: 'big' }),
  )
  await inPortions(sizes.files, (tx, at) => {
    const version = `1.${at}`
    const filename = `big-${version}-py3-none-any.whl`
    const sha256 = createHash('sha256').update(filename).digest('hex')
    tx.set(keys.version('ada/files', 'big', version), completeMetadata({ name: 'big', version }))
    tx.set(keys.file('ada/files', 'big', filename), {
      ...{ digest: sha256, hashes: { sha256 }, size: 4096, version, addedAt: 1.7e12 },
      ...{ uploadedAt: '2024-05-06T07:08:09.123456Z', requiresPython: '>=3.9', uploader: 'ada' },
    })
  })
  await store.close()

  async function inPortions(
    count: number,
    set: (tx: Parameters<Parameters<typeof ledger.write>[1]>[0], at: number) => void,
  ): Promise<void> {
    for (let from = 0; from < count; from += AT_ONCE) {
      await ledger.write('bench', async (tx) => {
        for (let at = from; at < Math.min(count, from + AT_ONCE); at++) set(tx, at)
      })
    }
  }
}
