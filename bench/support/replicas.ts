/** Replicas of a server, each in a process of its own, and what can be learnt of them from outside. */
import { setTimeout as wait } from 'node:timers/promises'
import type { SharedSecret } from '../../test/support/feed.ts'
import type { Environment } from '../../test/support/process.ts'
import { startYard, type Yard } from '../../test/support/yard.ts'
import { profiling } from './contenders.ts'
import { unpin } from './cores.ts'
import { program } from './program.ts'

export interface ReplicaStatus {
  readonly serial: number
  readonly role: 'MASTER' | 'REPLICA'
  /** Of the primary. */
  readonly 'primary-serial': number
  readonly blobs: { readonly 'changes-to-look-at': number; readonly missing: number }
}

/** On any core. */
export async function startReplica(
  primaryUrl: string,
  { path }: SharedSecret,
  env: Environment = {},
): Promise<Yard> {
  const args = ['--secret-file', path, '--primary-url', primaryUrl]
  const replica = await startYard({
    args,
    program,
    noRootPypi: false,
    env: { ...env, ...profiling() },
  })
  unpin(replica.pid)
  return replica
}

export async function statusOf(server: Pick<Yard, 'url'>): Promise<ReplicaStatus> {
  const response = await fetch(server.url('+status'), { headers: { accept: 'application/json' } })
  return ((await response.json()) as { result: ReplicaStatus }).result
}

/** Looks seldom enough that looking costs nothing beside what is waited for. */
export async function untilStatus(
  server: Pick<Yard, 'url'>,
  isReached: (status: ReplicaStatus) => boolean,
  everyMs = 50,
): Promise<void> {
  while (!isReached(await statusOf(server))) await wait(everyMs)
}
