/** Waiting for a change that somebody else makes. */
import type { Serial } from './key.ts'
import type { Ledger } from './ledger.ts'

/** Resolves to whether the ledger came to be at this serial in time. */
export async function waitForSerial(
  ledger: Ledger,
  serial: Serial,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = ledger.follow((notice) => {
    if (notice.serial >= serial) resolve()
  })
  const timer = setTimeout(resolve, timeoutMs)
  signal.addEventListener('abort', () => resolve(), { once: true })
  try {
    await ledger.catchUp()
    if (ledger.serial < serial) await promise
    return ledger.serial >= serial
  } finally {
    stop()
    clearTimeout(timer)
  }
}
