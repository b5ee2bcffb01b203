/**
 * Takes a bundle over into a replica's ledger and blobs. First all of it is checked, then it is taken in order: broken
 * off at any moment it leaves whole changes, and can be taken again.
 */
import type { BlobStore } from '#blobs/blob-store'
import type { Change } from '#ledger/change'
import type { Serial } from '#ledger/key'
import type { Ledger } from '#ledger/ledger'
import { BundleRefused, type BundleEnd, type BundleHead } from './bundle.ts'
import { readBundle } from './bundle-reader.ts'
import type { ReplicaTokens } from './replica-tokens.ts'

export interface BundleTaken {
  readonly from: Serial
  readonly to: Serial
  /** Changes that were not here. */
  readonly changes: number
  /** Blobs that were not here. */
  readonly blobs: number
  /** Blobs that the server had not that it was made on. */
  readonly missing: number
  /** The identity of that server. */
  readonly uuid: string
}

interface TakeNeeds {
  /** A follower. */
  readonly ledger: Ledger
  /** Of this machine. */
  readonly blobs: BlobStore
  readonly tokens: ReplicaTokens
}

/** Changes that are taken over in one commit. */
const TOGETHER = { bytes: 1024 * 1024, count: 500 }

/** Refuses with `BundleRefused`, and changes nothing, what is not whole or does not follow on what is here. */
export async function takeBundle(file: string, needs: TakeNeeds): Promise<BundleTaken> {
  const { head, end } = await checkBundle(file, needs)
  const { ledger, blobs, tokens } = needs
  const taken = { changes: 0, blobs: 0 }
  let waiting: Change[] = []
  let bytes = 0

  async function commit(): Promise<void> {
    const before = ledger.serial
    await ledger.takeOver(waiting)
    taken.changes += ledger.serial - before
    waiting = []
    bytes = 0
  }
  for await (const part of readBundle(file, tokens)) {
    if ('blob' in part) {
      const { digest } = part.blob
      if ((await blobs.size(digest)) !== undefined) continue
      const staged = await blobs.stage(part.pieces)
      await staged.keep() // its digest was checked as it was read
      taken.blobs++
    } else if ('change' in part) {
      waiting.push(part.change)
      bytes += part.bytes
      if (bytes > TOGETHER.bytes || waiting.length >= TOGETHER.count) await commit()
    }
  }
  await commit()
  const { from, to, uuid } = head
  return { from, to, uuid, ...taken, missing: end.missing }
}

async function checkBundle(
  file: string,
  { ledger, tokens }: TakeNeeds,
): Promise<{ head: BundleHead; end: BundleEnd }> {
  let head: BundleHead | undefined
  let end: BundleEnd | undefined
  await ledger.catchUp()
  for await (const part of readBundle(file, tokens)) {
    if ('head' in part) {
      await assertFollows(file, part.head, ledger)
      ;({ head } = part)
    } else if ('change' in part) {
      const { serial, hash } = part.change
      await assertSame(file, ledger, serial, hash)
    } else if ('end' in part) ({ end } = part)
  }
  if (!head || !end) throw new Error('a bundle was read that has no end')
  return { head, end }
}

async function assertFollows(
  file: string,
  { from, hashBefore }: BundleHead,
  ledger: Ledger,
): Promise<void> {
  const { serial } = ledger
  if (from <= serial + 1) return assertSame(file, ledger, from - 1, hashBefore)
  throw new BundleRefused(
    `${file} begins with change ${from}, and the last one here is ${serial}: ${gap(serial + 1, from - 1)}.`,
    [`a bundle that begins earlier: wheelyard admin bundle --from ${serial + 1}`],
  )
}

const gap = (from: Serial, to: Serial): string =>
  from === to ? `change ${from} is missing` : `changes ${from} to ${to} are missing`

async function assertSame(
  file: string,
  ledger: Ledger,
  serial: Serial,
  hash: string,
): Promise<void> {
  const own = await ledger.change(serial)
  if (!own || own.hash === hash) return
  throw new BundleRefused(
    `${file} is of another history: its change ${serial} is another one than here.`,
  )
}
