/** What of a replica should worry whoever looks after it, by the limits that devpi has (devpi-replication 9.4). */
import type { Serial } from '#ledger/key'
import type { Following } from './follower.ts'

export interface Worry {
  readonly status: 'warn' | 'fatal'
  readonly text: string
}

export interface ReplicaState {
  readonly following: Following
  /** Of this server. */
  readonly serial: Serial
  /** Blobs that could not be had. */
  readonly owed: number
  readonly now: number
}

const SECOND = 1000
const MINUTE = 60 * SECOND

/** Both in milliseconds, longer than which is too long. */
const SILENT = { warn: MINUTE, fatal: 5 * MINUTE }
const BEHIND = { warn: 5 * MINUTE, fatal: 60 * MINUTE }

export function findWorries({ following, serial, owed, now }: ReplicaState): Worry[] {
  const { problem, heardAt, inSyncAt, startedAt, primarySerial } = following
  const worries: Worry[] = []
  const silentFor = now - (heardAt ?? startedAt)
  if (problem && problem.kind !== 'away') {
    worries.push({ status: 'fatal', text: `The primary is not followed: ${problem.message}.` })
  } else if (silentFor > SILENT.warn) {
    const text = `Nothing has been heard of the primary for ${minutes(silentFor)}.`
    worries.push({ status: silentFor > SILENT.fatal ? 'fatal' : 'warn', text })
  }
  const behindFor = serial < primarySerial ? now - (inSyncAt ?? startedAt) : 0
  if (behindFor > BEHIND.warn) {
    const missing = primarySerial - serial
    const text = `${missing} changes of the primary are missing, for ${minutes(behindFor)}.`
    const isGrave = behindFor > BEHIND.fatal && !following.isConnected
    worries.push({ status: isGrave ? 'fatal' : 'warn', text })
  }
  if (owed > 0) {
    const text = `${owed} files of the primary could not be had, and are tried again.`
    worries.push({ status: 'warn', text })
  }
  return worries
}

const minutes = (ms: number): string => {
  const count = Math.floor(ms / MINUTE)
  return `${count} minute${count === 1 ? '' : 's'}`
}
