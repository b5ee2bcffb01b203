/** One test of the contract: its own empty store, and what the tests share. */
import { test } from 'node:test'
import type { LedgerBackend } from '../../backend.ts'
import { key, keyRange } from '../../key.ts'
import { Ledger, type LedgerOptions } from '../../ledger.ts'

export interface OpenedBackend {
  readonly backend: LedgerBackend
  /** One more backend on the same store, as another process would open it; also after the first was closed. */
  reopen(): Promise<LedgerBackend>
  /** Removes the store; all its backends have been closed before. */
  close(): Promise<void>
}

export type OpenBackend = () => Promise<OpenedBackend>

export interface Opened {
  readonly ledger: Ledger
  readonly backend: LedgerBackend
  /** One more opening of the same store; closed after the test, if it has not been before. */
  readonly reopen: (options?: LedgerOptions) => Promise<Ledger>
  /** Another store of the same kind, empty, whose ledger follows; closed and removed after the test. */
  readonly openFollower: () => Promise<Ledger>
}

export type Check = (title: string, body: (opened: Opened) => Promise<void>) => void

export function checkWith(name: string, open: OpenBackend): Check {
  return (title, body) => {
    void test(`${name}: ${title}`, async () => {
      const opened = await open()
      const stores = [opened]
      const backends = [opened.backend]
      const reopen = async (options?: LedgerOptions): Promise<Ledger> => {
        const backend = await opened.reopen()
        backends.push(backend)
        return Ledger.open(backend, options)
      }
      const openFollower = async (): Promise<Ledger> => {
        const other = await open()
        stores.push(other)
        backends.push(other.backend)
        return Ledger.open(other.backend, { isFollower: true })
      }
      try {
        const ledger = await Ledger.open(opened.backend, { clock: { now: () => 1_000 } })
        await body({ ledger, backend: opened.backend, reopen, openFollower })
      } finally {
        for (const backend of backends) await backend.close()
        for (const store of stores) await store.close()
      }
    })
  }
}

export const counter = key<number>('counter')
export const things = keyRange<unknown>('thing')
export const thing = (name: string) => key<unknown>('thing', name)

/** Sets some things, or removes those that are undefined, in one write. */
export function setThings(
  ledger: Ledger,
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  return ledger.write('root', async (tx) => {
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) tx.remove(thing(name))
      else tx.set(thing(name), value)
    }
  })
}

/** All things with their values, as they stood at a serial, or now. */
export async function listThings(
  ledger: Ledger,
  serial?: number,
): Promise<Record<string, unknown>> {
  const rows =
    serial === undefined
      ? await ledger.read((tx) => tx.list(things))
      : await ledger.readAt(serial, (tx) => tx.list(things))
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}

export function addOne(ledger: Ledger): Promise<void> {
  return ledger.write('root', async (tx) => {
    tx.set(counter, ((await tx.get(counter)) ?? 0) + 1)
  })
}
