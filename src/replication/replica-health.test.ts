import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Following } from './follower.ts'
import { findWorries, type ReplicaState } from './replica-health.ts'

const MINUTE = 60_000
const now = 1000 * MINUTE

const well: Following = {
  isConnected: true,
  problem: undefined,
  primaryUuid: 'p',
  primaryEpoch: 1,
  primarySerial: 7,
  primarySerialAt: now - MINUTE,
  contactedAt: now - MINUTE,
  heardAt: now - 5000,
  inSyncAt: now - 5000,
  startedAt: now - 90 * MINUTE,
}

const told = (following: Partial<Following>, others: Partial<ReplicaState> = {}): string[] =>
  findWorries({ following: { ...well, ...following }, serial: 7, owed: 0, now, ...others }).map(
    ({ status, text }) => `${status}: ${text}`,
  )

test('a replica that is up to date is no worry', () => {
  assert.deepEqual(told({}), [])
})

test('silence of the primary is told after a minute, and grave after five', () => {
  const away = { isConnected: false, problem: { kind: 'away', message: 'm', since: now } } as const

  assert.deepEqual(told({ ...away, heardAt: now - MINUTE }), [])
  assert.deepEqual(told({ ...away, heardAt: now - 2 * MINUTE }), [
    'warn: Nothing has been heard of the primary for 2 minutes.',
  ])
  assert.deepEqual(told({ ...away, heardAt: now - 6 * MINUTE }), [
    'fatal: Nothing has been heard of the primary for 6 minutes.',
  ])
  assert.deepEqual(told({ ...away, heardAt: undefined }), [
    'fatal: Nothing has been heard of the primary for 90 minutes.',
  ])
})

test('to be behind is told after five minutes, and grave after an hour without the primary', () => {
  const behind = { serial: 5 }

  assert.deepEqual(told({ inSyncAt: now - 4 * MINUTE }, behind), [])
  assert.deepEqual(told({ inSyncAt: now - 10 * MINUTE }, behind), [
    'warn: 2 changes of the primary are missing, for 10 minutes.',
  ])
  assert.deepEqual(told({ inSyncAt: now - 70 * MINUTE }, behind), [
    'warn: 2 changes of the primary are missing, for 70 minutes.',
  ])
  assert.deepEqual(told({ inSyncAt: now - 70 * MINUTE, isConnected: false }, behind), [
    'fatal: 2 changes of the primary are missing, for 70 minutes.',
  ])
})

test('what does not pass by itself is grave at once, and files that could not be had are told', () => {
  const problem = { kind: 'altered', message: 'change 8 cannot be taken over', since: now } as const

  assert.deepEqual(told({ problem, isConnected: false }, { owed: 2 }), [
    'fatal: The primary is not followed: change 8 cannot be taken over.',
    'warn: 2 files of the primary could not be had, and are tried again.',
  ])
})
