/** Waiting for what happens by itself. */
import { setImmediate } from 'node:timers/promises'
import type { Ledger } from '#ledger/ledger'

/** Resolves once a ledger is at a serial, as its followers hear of it. */
export async function reached(ledger: Ledger, serial: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = ledger.follow((notice) => {
    if (notice.serial >= serial) resolve()
  })
  if (ledger.serial >= serial) resolve()
  await promise
  stop()
}

/** Asks again and again, as somebody does who watches; the test's own limit ends it. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setImmediate()
}
