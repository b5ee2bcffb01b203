import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ledgerContract } from './contract.ts'
import { SqliteBackend } from './sqlite.ts'

ledgerContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wheelyard-ledger-'))
  const open = (): SqliteBackend => new SqliteBackend(join(folder, 'ledger.sqlite'))
  return {
    backend: open(),
    reopen: async () => open(),
    close: () => rm(folder, { recursive: true }),
  }
})
