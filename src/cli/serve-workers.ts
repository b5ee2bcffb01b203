/** `wheelyard serve` with several workers: the parent of the processes, and each of them. */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Choices } from '#app'
import { createLog } from '#base/log'
import type { LoadedConfig } from '#config'
import { CrewMember } from '#workers/crew-member'
import { Supervisor } from '#workers/supervisor'
import type { Listening } from '#workers/worker-process'
import { releaseStartMemory, settleMemory } from './release-memory.ts'
import { explainStart } from './start-failure.ts'
import type { World } from './world.ts'

type Loaded = Pick<LoadedConfig, 'config'>

/** What a worker that is retired may still have to do: the longest that a request may take. */
const LONGEST_RETIREMENT_MS = 6 * 3_600_000
/** The first requests come before; this is for when nothing else is to do. */
const SETTLED_MS = 1000

/** Runs the same command in several processes until it is told to stop, and returns the exit code. */
export async function runWorkers(
  { config }: Loaded,
  world: World,
  stop: Promise<unknown>,
): Promise<number> {
  const { workers: count, port, unixSocket, unixSocketPerms } = config
  const log = createLog({ level: config.logLevel })
  // The parent hands connections out in turn: workers that accept for themselves get very different shares of them.
  cluster.schedulingPolicy = cluster.SCHED_RR
  // All workers, also those to come, are to have the same.
  const given = port === 0 && !config.listen ? ['--port', `${await findFreePort(config)}`] : []
  cluster.setupPrimary({ args: [...world.argv, ...given] })
  const umask = process.umask()
  const supervisor = new Supervisor({ count, fork, onListening, log })
  process.on('SIGHUP', () => supervisor.restart())
  const failed = supervisor.failed
  void supervisor.start()
  const code = await Promise.race([stop.then(() => 0), failed])
  await supervisor.stop()
  return code

  function fork(): Worker {
    process.umask(umask)
    const worker = cluster.fork()
    // It is this process that makes the socket file: never open to more than is set.
    if (unixSocket !== undefined) process.umask(0o777 & ~unixSocketPerms)
    return worker
  }

  function onListening({ urls }: Listening): void {
    world.stdout.write(`Wheelyard serves ${urls.join(' and ')} with ${count} workers\n`)
    setTimeout(releaseStartMemory, SETTLED_MS).unref()
  }
}

/** It is free until it is listened on. */
async function findFreePort(config: LoadedConfig['config']): Promise<number> {
  const server = createServer()
  server.listen(0, config.host)
  await once(server, 'listening').catch((error: unknown) => {
    throw explainStart(error, config)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** One of them. */
export async function runWorker(
  { config }: Loaded,
  world: World,
  choices: Choices = {},
): Promise<number> {
  const crew = new CrewMember(cluster.worker?.id ?? 0, process)
  process.on('SIGTERM', () => crew.stop())
  // Of the whole group, as terminals send them: the parent says what is to be done.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
  const { startApp } = await import('#app')
  const machine = { env: world.env, cwd: world.cwd }
  const app = await startApp(config, machine, { ...choices, crew }).catch((error: unknown) => {
    throw explainStart(error, config)
  })
  crew.ready(app.urls)
  setTimeout(() => void app.prepare().finally(settleMemory), SETTLED_MS).unref()
  void app.hasNewRole.then(() => crew.renew())

  const how = await crew.ended
  await app.close(how === 'retire' ? { untilUnusedMs: LONGEST_RETIREMENT_MS } : {})
  return 0
}
