/** Where two histories part. Each change is chained to all before it: with equal hashes all before is equal too. */
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import type { EpochStart } from './group-view.ts'

/** Tells the hash of a change in the other history, if there is one of that number. */
export type AskHash = (serial: Serial) => Promise<string | undefined>

/** The last change that both have; -1 where they have none in common. Asks for few hashes, however long they are. */
export async function findLastCommon(ledger: Ledger, askHash: AskHash): Promise<Serial> {
  const isCommon = async (serial: Serial): Promise<boolean> => {
    const hash = await askHash(serial)
    return hash !== undefined && hash === (await ledger.change(serial))?.hash
  }
  if (ledger.serial < 0 || (await isCommon(ledger.serial))) return ledger.serial
  let common = -1
  let apart = ledger.serial
  while (apart - common > 1) {
    const between = Math.floor((common + apart) / 2)
    if (await isCommon(between)) common = between
    else apart = between
  }
  return common
}

/**
 * The first serial that a later history wrote anew, from how its epochs began: what is here from there on is late.
 * Undefined where that does not tell it.
 */
export async function findLateFrom(
  ledger: Ledger,
  own: readonly EpochStart[],
  theirs: readonly EpochStart[],
): Promise<Serial | undefined> {
  const isOwn = (start: EpochStart): boolean =>
    own.some(({ serial, hashBefore, uuid }) => {
      return serial === start.serial && hashBefore === start.hashBefore && uuid === start.uuid
    })
  const first = theirs.find((start) => !isOwn(start))
  if (!first) return undefined
  const before = await ledger.change(first.serial - 1)
  return before?.hash === first.hashBefore ? first.serial : undefined
}
