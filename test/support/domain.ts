/** Puts projects and files into the ledger without an upload, where only names matter. */
import type { Ledger } from '#ledger/ledger'
import { normalizeName } from '#python/name'
import type { IndexName } from '#registry/indexes'
import { keys } from '#registry/keys'

/** A file whose bytes nobody asks for. Its name is `PROJECT-VERSION.tar.gz`. */
export async function addFile(ledger: Ledger, index: IndexName, filename: string): Promise<void> {
  const [name = '', version = ''] = filename.replace(/\.tar\.gz$/, '').split('-')
  const file = { hashes: { sha256: '0'.repeat(64) }, version, addedAt: 0 }
  await addProject(ledger, index, name)
  await ledger.write('test', async (tx) => {
    tx.set(keys.file(index, normalizeName(name), filename), file)
  })
}

/** A project without files, as a registration leaves it. */
export async function addProject(ledger: Ledger, index: IndexName, name: string): Promise<void> {
  await ledger.write('test', async (tx) => {
    tx.set(keys.project(index, normalizeName(name)), { name })
  })
}
