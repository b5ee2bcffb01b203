/** A change: what one commit did, and the hash that chains it to the one before. */
import { createHash, hash as hashOf } from 'node:crypto'
import type { Serial } from './key.ts'

/** The format of changes that this program writes. It refuses to follow one it does not know. */
export const CHANGE_FORMAT = 1

export interface ChangedEntry {
  readonly path: string
  /** The value's canonical JSON; null where the key was removed. */
  readonly value: string | null
}

export interface Change {
  readonly serial: Serial
  /** Milliseconds since 1970. */
  readonly at: number
  readonly actor: string
  readonly epoch: number
  readonly format: number
  /** SHA-256, hex, over the previous change's hash and this change's canonical bytes. */
  readonly hash: string
  /** In the order of their paths (by UTF-8 bytes). */
  readonly entries: readonly ChangedEntry[]
}

/** The end of the chain: what the next change builds on. Serial -1 before the first. */
export type Head = Pick<Change, 'serial' | 'epoch' | 'format' | 'hash'>

export const emptyHead: Head = { serial: -1, epoch: 1, format: CHANGE_FORMAT, hash: '' }

/**
 * The hash of a change. Canonical bytes: a JSON line `[format, serial, at, actor, epoch, previous hash]`,
 * then per entry a line: the path as a JSON string, a tab, the value's canonical JSON or `-`.
 */
export function hashChange(previousHash: string, change: Omit<Change, 'hash'>): string {
  const { format, serial, at, actor, epoch } = change
  const head = `${JSON.stringify([format, serial, at, actor, epoch, previousHash])}\n`
  const { entries } = change
  // In one step where they are few, as they nearly always are: that costs half as much.
  if (entries.length <= FEW) return hashOf('sha256', head + entries.map(entryLine).join(''))
  const hash = createHash('sha256').update(head)
  for (const entry of entries) hash.update(entryLine(entry))
  return hash.digest('hex')
}

const FEW = 100

export function entryLine({ path, value }: ChangedEntry): string {
  return `${JSON.stringify(path)}\t${value ?? '-'}\n`
}

/** The order of paths: by UTF-8 bytes, as every backend sorts them. That is the order of code points. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return rankOf(left) - rankOf(right)
  }
  return a.length - b.length
}

/** Surrogates stand for the code points above all others, although their numbers are not the highest. */
function rankOf(codeUnit: number): number {
  return codeUnit >= 0xd800 && codeUnit <= 0xdfff ? codeUnit + 0x10000 : codeUnit
}
