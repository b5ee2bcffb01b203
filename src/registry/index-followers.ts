/**
 * Tells followers of indexes what commits did to them: from the serial that each has heard last, which is remembered in a
 * file that may be lost.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '#base/clock'
import type { Log } from '#base/log'
import { makeFolder } from '#base/make-folder'
import { retry, type RetryOptions } from '#base/retry'
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import type { IndexChange, IndexFollower, RunningHook } from './hooks.ts'
import { listAsCreated, listIndexChanges } from './index-events.ts'

export interface FollowerHost {
  readonly ledger: Ledger
  /** Holds a file for each follower. */
  readonly folder: string
  readonly log: Log
  readonly clock: Clock
  /** How long to wait before what was refused is told again. */
  readonly patience?: Pick<RetryOptions, 'firstDelayMs' | 'maxDelayMs' | 'wait'>
}

/** All there is when a follower has heard nothing yet. */
interface Beginning {
  readonly serial: Serial
  readonly changes: readonly IndexChange[]
}

const PATIENCE = { firstDelayMs: 1_000, maxDelayMs: 300_000 }
/** Serials that may be looked at again after a start, where no index was touched. */
const REMEMBER_EVERY = 1_000

/** Resolves once it is known from where on the follower is told, which happens behind. */
export async function startIndexFollower(
  follower: IndexFollower,
  host: FollowerHost,
): Promise<RunningHook> {
  const { ledger, log } = host
  const closing = new AbortController()
  const { signal } = closing
  const memory = openMemory(join(host.folder, `${encodeURIComponent(follower.name)}.serial`))
  await makeFolder(host.folder, 0o750)
  const known = await findHeard()
  const running = run(known ?? (await readBeginning())).catch((error: unknown) => {
    if (!signal.aborted) log.error({ error, hook: follower.name }, 'indexChanged is told no more')
  })
  return {
    async close() {
      closing.abort()
      await running
    },
  }

  async function run(from: Serial | Beginning): Promise<void> {
    let heard = typeof from === 'number' ? from : await tellBeginning(from)
    let remembered = heard
    try {
      for await (const change of ledger.changes(heard + 1, { signal })) {
        const changes = await listIndexChanges(ledger, change)
        for (const one of changes) await tell(one)
        heard = change.serial
        if (changes.length === 0 && heard - remembered < REMEMBER_EVERY) continue
        await memory.write(heard)
        remembered = heard
      }
    } finally {
      if (heard !== remembered) await memory.write(heard)
    }
  }

  /** A serial that is still to come is of another history: a back-up was put in place. */
  async function findHeard(): Promise<Serial | undefined> {
    const heard = await memory.read()
    await ledger.catchUp()
    return heard !== undefined && heard <= ledger.serial ? heard : undefined
  }

  function readBeginning(): Promise<Beginning> {
    return ledger.read(async (tx) => ({
      serial: tx.serial,
      changes: await listAsCreated(tx, host.clock.now()),
    }))
  }

  async function tellBeginning({ serial, changes }: Beginning): Promise<Serial> {
    for (const one of changes) await tell(one)
    await memory.write(serial)
    return serial
  }

  function tell(change: IndexChange): Promise<void> {
    return retry((attempt) => hearOnce(change, attempt), {
      ...PATIENCE,
      ...host.patience,
      ...{ attempts: Infinity, signal },
    })
  }

  async function hearOnce(change: IndexChange, attempt: number): Promise<void> {
    try {
      await endWith(signal, follower.hear(change, signal))
    } catch (error) {
      const { what, serial } = change
      const facts = { error, hook: follower.name, what, serial, attempt }
      if (!signal.aborted) log.warn(facts, 'a hook did not take a change of an index')
      throw error
    }
  }
}

/** A hook that does not end keeps the server from closing no longer than it must. */
async function endWith(signal: AbortSignal, work: Promise<void>): Promise<void> {
  const ended = Promise.withResolvers<never>()
  const end = (): void => ended.reject(signal.reason)
  signal.addEventListener('abort', end)
  try {
    await Promise.race([work, ended.promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function openMemory(path: string) {
  return {
    async read(): Promise<Serial | undefined> {
      const text = await readFile(path, 'utf8').catch(() => '') // the first time there is none
      return /^\d{1,15}\n$/.test(text) ? Number(text) : undefined
    },
    async write(serial: Serial): Promise<void> {
      await writeFile(`${path}.new`, `${serial}\n`)
      await rename(`${path}.new`, path)
    },
  }
}
