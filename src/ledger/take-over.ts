/** Taking over a change that another ledger has written: exactly as it is there, or not at all. */
import type { BackendWriter, LedgerBackend } from './backend.ts'
import {
  CHANGE_FORMAT,
  comparePaths,
  hashChange,
  type Change,
  type ChangedEntry,
} from './change.ts'
import type { Serial } from './key.ts'

/** A change that may not follow on the last one here. Nothing of it was taken over. */
export class ForeignChangeRefused extends Error {
  readonly serial: Serial

  constructor(serial: Serial, why: string) {
    super(`change ${serial} cannot be taken over: ${why}`)
    this.name = 'ForeignChangeRefused'
    this.serial = serial
  }
}

/** Whether it has been committed, as it is. */
export async function isHere(backend: LedgerBackend, { serial, hash }: Change): Promise<boolean> {
  return (await backend.change(serial))?.hash === hash
}

/** Appends the change if it is the next of the chain, and would be read back as it came. */
export async function appendForeign(writer: BackendWriter, change: Change): Promise<void> {
  const problem = findProblem(writer, change) ?? (await findNeverThere(writer, change.entries))
  if (problem !== undefined) throw new ForeignChangeRefused(change.serial, problem)
  await writer.append(change)
}

function findProblem({ head }: BackendWriter, change: Change): string | undefined {
  const { serial, at, actor, epoch, format, hash, entries } = change
  if (serial !== head.serial + 1) return `the last one here is ${head.serial}`
  if (format > CHANGE_FORMAT) {
    return `it is in format ${format}, and this version knows formats up to ${CHANGE_FORMAT}`
  }
  if (epoch < head.epoch) return `it is of epoch ${epoch}, which epoch ${head.epoch} has ended`
  if (![serial, at, epoch, format].every(Number.isSafeInteger) || !actor.isWellFormed()) {
    return 'no ledger writes one like it'
  }
  if (!areInOrder(entries)) return 'its keys are not in their order'
  if (entries.some((entry) => !isOneLine(entry))) return 'it holds what is no key or no value'
  const isChained = hashChange(head.hash, change) === hash
  return isChained ? undefined : 'its hash does not fit: it was altered, or its history is another'
}

function areInOrder(entries: readonly ChangedEntry[]): boolean {
  return entries.every(({ path }, i) => i === 0 || comparePaths(entries[i - 1]!.path, path) < 0)
}

/** Canonical JSON has no raw line ends; with them, other entries could have the same hash. */
function isOneLine({ path, value }: ChangedEntry): boolean {
  return path.isWellFormed() && !path.includes('\0') && !(value?.includes('\n') || value === '-')
}

/** The end of a life that never began would leave no trace here, and the change could not be read back. */
async function findNeverThere(
  writer: BackendWriter,
  entries: readonly ChangedEntry[],
): Promise<string | undefined> {
  for (const { path, value } of entries) {
    const isThere = value !== null || (await writer.get(path, writer.head.serial)) !== undefined
    if (!isThere) return `it removes ${path}, which is not here`
  }
  return undefined
}
